package io.gq.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadsTest {

    @TempDir
    Path dir;

    @Test
    void shouldSendTheLinesOfAFileOverAndOver() throws IOException {
        Payloads payloads = lines("one\n\ntwo\r\nthree");

        assertThat(new String(payloads.at(0), UTF_8)).isEqualTo("one");
        assertThat(new String(payloads.at(1), UTF_8)).isEqualTo("two\r");
        assertThat(new String(payloads.at(2), UTF_8)).isEqualTo("three");
        assertThat(new String(payloads.at(3), UTF_8)).isEqualTo("one");
    }

    @Test
    void shouldRefuseAFileWithoutALine() {
        assertThatThrownBy(() -> lines("\n\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no line");
    }

    @Test
    void shouldMakeUpValuesOfTheSizeAskedFor() {
        Payloads payloads = Payloads.generated(100, new SplittableRandom(1));

        assertThat(payloads.at(0)).hasSize(100).isNotEqualTo(payloads.at(1));
        assertThat(payloads.at(0))
                .isEqualTo(Payloads.generated(100, new SplittableRandom(1)).at(0));
    }

    @Test
    void shouldCarryItsTimeAndLeaveTheSharedValueAlone() throws IOException {
        Payloads payloads = lines("a value that has room\nx");
        byte[] before = payloads.at(0).clone();

        byte[] stamped = payloads.stamped(0, 42);

        assertThat(Payloads.stamp(ByteBuffer.wrap(stamped))).isEqualTo(42);
        assertThat(stamped).hasSameSizeAs(before);
        assertThat(payloads.at(0)).isEqualTo(before);
        assertThat(payloads.stamped(1, 43)).hasSize(Payloads.STAMP_BYTES);
        assertThat(Payloads.stamp(ByteBuffer.wrap("short".getBytes(UTF_8)))).isZero();
    }

    private Payloads lines(String text) throws IOException {
        Path file = dir.resolve("lines.txt");
        Files.writeString(file, text);
        return Payloads.linesOf(file);
    }
}
