package io.gq.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A wrong option, and a program that fails, are no finding: 1 says that something was lost. */
class ChaosCommandTest {

    private final StringWriter err = new StringWriter();
    private final CommandLine command = new CommandLine(new ChaosCommand()).setErr(new PrintWriter(err));

    @Test
    void shouldEndWithTwoWhereAnOptionIsWrong(@TempDir Path dir) {
        assertThat(command.execute("--dir", dir.toString(), "--duration", "1")).isEqualTo(2);
        assertThat(err.toString()).contains("--duration: 1 (expected: at least 5)");
        assertThat(command.execute("--no-such-option")).isEqualTo(2);
    }

    @Test
    void shouldEndWithFourWhereTheProgramFails(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "where the brokers' data should go");

        assertThat(command.execute("--dir", file.toString(), "--loopback")).isEqualTo(4);
    }
}
