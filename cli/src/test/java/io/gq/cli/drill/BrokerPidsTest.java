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
        write(1, Long.toString(ProcessHandle.current().pid()));

        assertThat(new BrokerPids(dir).running(1)).isEmpty();
    }

    @Test
    void shouldFindProcessWhenItIsABroker() throws IOException {
        // a process whose command line names the broker's main class
        Process process = new ProcessBuilder("sh", "-c", "read line", "io.gq.broker.Main").start();
        try {
            write(2, process.pid() + " " + startTime(process.pid()));

            assertThat(new BrokerPids(dir).running(2)).map(ProcessHandle::pid).contains(process.pid());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldRefuseWhenFileHoldsNoNumber() throws IOException {
        write(1, "soon");

        assertThatThrownBy(() -> new BrokerPids(dir).running(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'soon' (expected: a process id)");
    }

    @Test
    void shouldFindNothingWhenNumberWasGivenToAnotherBroker() throws IOException {
        Process process = new ProcessBuilder("sh", "-c", "read line", "io.gq.broker.Main").start();
        try {
            write(2, process.pid() + " 1");

            assertThat(new BrokerPids(dir).running(2)).isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    private void write(int node, String text) throws IOException {
        Path file = new BrokerPids(dir).file(node);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    private static String startTime(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ", -1)[19];
    }
}
