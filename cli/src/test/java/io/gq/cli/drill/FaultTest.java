package io.gq.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FaultTest {

    private Process process;

    @BeforeEach
    void start() throws IOException {
        process = new ProcessBuilder("sleep", "1000").start();
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    /** By its handle: the child's own object hears of its end a moment later. */
    @Test
    void shouldEndTheProcessWhenKilledOrStopped() throws Exception {
        Fault.STOP.begin(process.toHandle());
        assertThat(process.toHandle().isAlive()).as("after SIGTERM").isFalse();
        assertThat(process.waitFor()).as("SIGTERM").isEqualTo(128 + 15);

        process = new ProcessBuilder("sleep", "1000").start();
        Fault.KILL.begin(process.toHandle());
        assertThat(process.toHandle().isAlive()).as("after SIGKILL").isFalse();
        assertThat(process.waitFor()).as("SIGKILL").isEqualTo(128 + 9);
    }

    @Test
    void shouldLetThePausedProcessGoOn() throws Exception {
        Path stat = Path.of("/proc/" + process.pid() + "/stat");
        assumeThat(stat).exists();

        Fault.PAUSE.begin(process.toHandle());
        await().until(() -> state(stat) == 'T');
        Fault.PAUSE.end(process.toHandle(), Duration.ofMillis(1));

        await().until(() -> state(stat) == 'S');
        assertThat(process.isAlive()).isTrue();
    }

    private static char state(Path stat) throws IOException {
        String text = Files.readString(stat);
        return text.charAt(text.lastIndexOf(')') + 2);
    }
}
