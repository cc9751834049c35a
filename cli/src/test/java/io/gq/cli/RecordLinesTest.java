package io.gq.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordLinesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''|", "a|a", "a/|a", "a//|a,", "/|''", "a/b|a,b", "/a|,a", "a;/b;|a;,b;"})
    void shouldCutBeforeEachFeed(String in, String expected) throws IOException {
        String bytes = in.replace('/', '\n').replace(';', '\r');
        List<String> wanted = expected == null
                ? List.of()
                : List.of(expected.replace(';', '\r').split(",", -1));

        assertThat(read(new ByteArrayInputStream(bytes.getBytes(ISO_8859_1)))).isEqualTo(wanted);
    }

    @Test
    void shouldFindTheSameRecordsHoweverTheBytesArrive() {
        Seeds.check(50, seeds -> {
            StringBuilder text = new StringBuilder();
            List<String> wanted = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String line = "x".repeat(seeds.random().nextInt(seeds.random().nextBoolean() ? 10 : 200_000));
                wanted.add(line);
                text.append(line).append('\n');
            }
            InputStream drops = new ByteArrayInputStream(text.toString().getBytes(ISO_8859_1)) {
                @Override
                public synchronized int read(byte[] b, int off, int len) {
                    return super.read(b, off, Math.min(len, 1 + seeds.random().nextInt(70_000)));
                }
            };

            assertThat(read(drops)).isEqualTo(wanted);
        });
    }

    private static List<String> read(InputStream in) throws IOException {
        RecordLines lines = new RecordLines(in);
        List<String> all = new ArrayList<>();
        for (ByteBuffer line = lines.next(); line != null; line = lines.next()) {
            all.add(ISO_8859_1.decode(line).toString());
        }
        return all;
    }
}
