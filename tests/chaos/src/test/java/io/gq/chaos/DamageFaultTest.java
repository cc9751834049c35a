package io.gq.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DamageFaultTest {

    private static final int WRITTEN = 20_000;
    private static final int SIZE = 65_536;

    @TempDir
    Path dir;

    private Path segment;
    private Path setAside;

    @BeforeEach
    void makeFiles() throws Exception {
        byte[] bytes = new byte[SIZE];
        Arrays.fill(bytes, 0, WRITTEN, (byte) 0x55);
        segment = Files.createDirectories(dir.resolve("partitions/a")).resolve("%020d.1.log".formatted(0));
        setAside = Files.createDirectories(dir.resolve("raft/damaged/a")).resolve("%020d.1.log".formatted(0));
        Files.write(segment, bytes);
        Files.write(setAside, bytes);
        Files.write(dir.resolve("partitions/a/other.index"), bytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldFlipTwoBitsOfWhatIsWritten(long seed) throws Exception {
        DamageFault.flip(DamageFault.SEGMENT).to(dir, new Random(seed));

        byte[] bytes = Files.readAllBytes(segment);
        int flipped = 0;
        for (int at = 0; at < bytes.length; at++) {
            flipped += Integer.bitCount((bytes[at] ^ (at < WRITTEN ? 0x55 : 0)) & 0xff);
        }
        assertThat(flipped).isEqualTo(2);
        assertUntouched();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldCutAwayWrittenBytesWhenTruncating(long seed) throws Exception {
        DamageFault.truncate(DamageFault.SEGMENT).to(dir, new Random(seed));

        assertThat(Files.size(segment)).isLessThan(WRITTEN);
        assertUntouched();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldZeroOneBlock(long seed) throws Exception {
        DamageFault.zero(DamageFault.SEGMENT).to(dir, new Random(seed));

        byte[] bytes = Files.readAllBytes(segment);
        int zeros = 0;
        for (int at = 0; at < WRITTEN; at++) {
            zeros += bytes[at] == 0 ? 1 : 0;
        }
        assertThat(zeros).isBetween(1, 4096);
        assertThat(bytes).hasSize(SIZE);
        assertUntouched();
    }

    @Test
    void shouldNotCountAsRunWhenThereIsNothingToDamage() {
        assertThatThrownBy(() -> DamageFault.flip(DamageFault.RAFT_LOG).to(dir, new Random(1)))
                .isInstanceOf(NotInjectedException.class);
    }

    private void assertUntouched() throws Exception {
        byte[] bytes = Files.readAllBytes(setAside);
        assertThat(bytes[WRITTEN - 1]).isEqualTo((byte) 0x55);
        assertThat(bytes).hasSize(SIZE).isEqualTo(Files.readAllBytes(dir.resolve("partitions/a/other.index")));
    }
}
