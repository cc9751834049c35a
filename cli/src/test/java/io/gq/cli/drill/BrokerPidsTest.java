package io.gq.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerPidsTest {

    @TempDir
    Path dir;

    @Test
    void shouldFindNothingWhenFileIsMissing() {
        assertThat(new BrokerPids(dir).running(1)).isEmpty();
    }

    @Test
    void shouldFindNothingWhenProcessIsNoBroker() throws IOException {
        Files.writeString(dir.resolve("node-1.pid"), ProcessHandle.current().pid() + "\n");

        assertThat(new BrokerPids(dir).running(1)).isEmpty();
    }

    @Test
    void shouldFindProcessWhenItIsABroker() throws IOException {
        // a process whose command line names the broker's main class
        Process process = new ProcessBuilder("sh", "-c", "read line", "io.gq.broker.Main").start();
        try {
            Files.writeString(dir.resolve("node-2.pid"), Long.toString(process.pid()));

            assertThat(new BrokerPids(dir).running(2)).map(ProcessHandle::pid).contains(process.pid());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldRefuseWhenFileHoldsNoNumber() throws IOException {
        Files.writeString(dir.resolve("node-1.pid"), "soon");

        assertThatThrownBy(() -> new BrokerPids(dir).running(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'soon' (expected: a process id)");
    }
}
