package io.gq.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaultyFilesTest {

    private static final Path DIR = Path.of("/data");
    private static final Path FILE = DIR.resolve("a");

    @Test
    void shouldBehaveAsAByteArrayWhenNothingFails() {
        Seeds.check(30, seeds -> {
            FaultyFiles files = files(seeds.seed());
            StorageFile file = files.open(FILE);
            byte[] model = new byte[0];
            for (int step = 0; step < 100; step++) {
                int position = seeds.between(0, 5_000);
                switch (seeds.between(0, 5)) {
                    case 0 -> file.force();
                    case 1 -> {
                        file.truncate(position);
                        model = Arrays.copyOf(model, position);
                    }
                    case 2 -> {
                        ByteBuffer read = ByteBuffer.allocate(seeds.between(0, 2_000));
                        int expected = Math.max(0, Math.min(read.capacity(), model.length - position));
                        assertThat(file.read(read, position)).isEqualTo(expected);
                        assertThat(read.flip())
                                .isEqualTo(ByteBuffer.wrap(model, Math.min(position, model.length), expected));
                    }
                    default -> {
                        byte[] bytes = seeds.oneIn(3) ? new byte[700] : seeds.bytes(0, 2_000);
                        file.write(ByteBuffer.wrap(bytes), position);
                        if (bytes.length > 0) {
                            model = Arrays.copyOf(model, Math.max(model.length, position + bytes.length));
                            System.arraycopy(bytes, 0, model, position, bytes.length);
                        }
                    }
                }
            }
            assertThat(files.bytes(FILE)).isEqualTo(model);
            file.force();
            files.syncDirectory(DIR);
            files.crash();
            assertThat(files.bytes(FILE)).isEqualTo(model);
        });
    }

    @Test
    void shouldKeepWhatWasForcedAndAnyPartOfTheRestWhenItCrashes() {
        Set<Integer> newBlocks = new HashSet<>();
        boolean torn = false;
        for (int seed = 0; seed < 300; seed++) {
            FaultyFiles files = files(seed);
            byte[] after = crashedRewrite(files, 16);
            int survived = 0;
            for (int block = 0; block < 16; block++) {
                byte[] bytes = Arrays.copyOfRange(after, block * 512, (block + 1) * 512);
                int newer = count(bytes, (byte) 2);
                assertThat(newer + count(bytes, (byte) 1)).isEqualTo(512);
                survived += newer == 512 ? 1 : 0;
                torn |= newer > 0 && newer < 512 && bytes[0] == 2 && bytes[511] == 1;
            }
            newBlocks.add(survived);
        }
        assertThat(newBlocks).contains(0, 8, 16).hasSizeGreaterThan(10);
        assertThat(torn).isTrue();
    }

    @Test
    void shouldRepeatItselfWhenTheSeedIsTheSame() {
        for (int seed = 0; seed < 20; seed++) {
            assertThat(crashedRewrite(files(seed), 16)).isEqualTo(crashedRewrite(files(seed), 16));
        }
    }

    @Test
    void shouldKeepAnySizeBetweenWhenItCrashesWhileAFileGrows() {
        Set<Integer> sizes = new HashSet<>();
        Seeds.check(100, seeds -> {
            FaultyFiles files = files(seeds.seed());
            StorageFile file = files.open(FILE);
            write(file, 0, 512, 1);
            file.force();
            files.syncDirectory(DIR);
            write(file, 512, 1_536, 2);
            files.crash();

            byte[] after = files.bytes(FILE);
            sizes.add(after.length);
            assertThat(count(Arrays.copyOf(after, 512), (byte) 1)).isEqualTo(512);
        });
        assertThat(sizes).containsOnly(512, 1_024, 1_536, 2_048);
    }

    @Test
    void shouldLoseOrKeepNamesWhenTheDirectoryWasNotSynced() {
        Map<String, Integer> outcomes = new HashMap<>();
        Seeds.check(100, seeds -> {
            FaultyFiles files = files(seeds.seed());
            files.open(DIR.resolve("old")).close();
            files.syncDirectory(DIR);
            files.open(DIR.resolve("temp")).close();
            files.rename(DIR.resolve("temp"), DIR.resolve("new"));
            files.delete(DIR.resolve("old"));
            files.crash();

            outcomes.merge(files.list(DIR).toString(), 1, Integer::sum);
        });
        assertThat(outcomes).containsOnlyKeys("[old]", "[old, temp]", "[new, old]", "[new]");
    }

    @Test
    void shouldKeepNamesWhenTheDirectoryWasSynced() {
        Seeds.check(50, seeds -> {
            FaultyFiles files = files(seeds.seed());
            files.createDirectories(DIR.resolve("x/y"));
            files.open(DIR.resolve("x/y/a")).close();
            files.open(DIR.resolve("x/y/b")).close();
            files.rename(DIR.resolve("x/y/a"), DIR.resolve("x/a"));
            files.delete(DIR.resolve("x/y/b"));
            files.syncDirectory(DIR.resolve("x"));
            files.syncDirectory(DIR.resolve("x/y"));
            files.crash();

            assertThat(files.list(DIR.resolve("x"))).containsExactly(Path.of("a"), Path.of("y"));
            assertThat(files.list(DIR.resolve("x/y"))).isEmpty();
        });
    }

    @Test
    void shouldMoveWhatIsBelowWhenADirectoryIsRenamed() throws IOException {
        FaultyFiles files = files(1);
        files.createDirectories(DIR.resolve("x"));
        write(files.open(DIR.resolve("x/a")), 0, 10, 3);

        files.rename(DIR.resolve("x"), DIR.resolve("z"));

        assertThat(files.exists(DIR.resolve("x/a"))).isFalse();
        assertThat(files.bytes(DIR.resolve("z/a"))).hasSize(10);
    }

    @Test
    void shouldFailEverythingFromThePowerCutOnUntilTheCrash() {
        Seeds.check(60, seeds -> {
            FaultyFiles files = files(seeds.seed());
            StorageFile file = files.open(FILE);
            write(file, 0, 512, 1);
            file.force();
            files.syncDirectory(DIR);
            long before = files.operations();
            files.powerOffAt(2);

            write(file, 0, 512, 2);
            assertThatThrownBy(file::force).isInstanceOf(PowerLostException.class);
            assertThatThrownBy(file::size).isInstanceOf(PowerLostException.class);
            assertThatThrownBy(() -> files.list(DIR)).isInstanceOf(PowerLostException.class);
            assertThat(files.operations()).isEqualTo(before + 2);
            files.crash();

            assertThatThrownBy(file::size).hasMessageContaining("closed by a crash");
            assertThat(files.bytes(FILE)).hasSize(512);
            write(files.open(FILE), 0, 512, 3);
            assertThat(count(files.bytes(FILE), (byte) 3)).isEqualTo(512);
        });
    }

    @Test
    void shouldLoseBlocksForGoodWhenAForceFailed() {
        Set<Boolean> whole = new HashSet<>();
        Seeds.check(50, seeds -> {
            FaultyFiles files = files(seeds.seed());
            StorageFile file = files.open(FILE);
            write(file, 0, 2_048, 1);
            file.force();
            files.syncDirectory(DIR);
            write(file, 0, 2_048, 2);
            files.failForce(path -> path.equals(FILE), 1);

            assertThatThrownBy(file::force).hasMessageContaining("force: Input/output error");
            assertThat(count(files.bytes(FILE), (byte) 2)).isEqualTo(2_048);
            file.force();
            assertThat(files.forcesAfterFailure()).isEqualTo(1);
            files.crash();
            whole.add(count(files.bytes(FILE), (byte) 2) == 2_048);
        });
        assertThat(whole).contains(false);
    }

    @Test
    void shouldWriteAPartWhenAWriteFails() throws IOException {
        FaultyFiles files = files(1);
        StorageFile file = files.open(FILE);
        files.failWrite(2);
        write(file, 0, 100, 1);

        assertThatThrownBy(() -> write(file, 100, 100, 2)).hasMessageContaining("Input/output error");

        assertThat(files.bytes(FILE).length).isBetween(100, 200);
        write(file, 100, 100, 2);
        assertThat(files.bytes(FILE)).hasSize(200);
    }

    @Test
    void shouldRefuseGrowthAndAllowRewritesWhenFull() throws IOException {
        FaultyFiles files = files(1);
        StorageFile file = files.open(FILE);
        files.limitBytes(1_000);
        write(file, 0, 900, 1);

        assertThatThrownBy(() -> write(file, 900, 200, 2)).hasMessageContaining("No space left on device");
        assertThat(files.bytes(FILE)).hasSize(1_000);
        assertThatThrownBy(() -> file.truncate(2_000)).hasMessageContaining("No space left on device");
        write(file, 0, 1_000, 3);
        file.truncate(10);
        assertThat(files.usedBytes()).isEqualTo(10);
        files.limitBytes(Long.MAX_VALUE);
        write(file, 10, 5_000, 4);
        assertThat(files.usedBytes()).isEqualTo(5_010);
    }

    @Test
    void shouldFlipOneBitOnReadAndLeaveTheFileAlone() throws IOException {
        FaultyFiles files = files(1);
        StorageFile file = files.open(FILE);
        write(file, 0, 600, 0);
        files.flipBitOnRead(path -> true, 2);

        assertThat(bitsSet(read(file, 600))).isZero();
        assertThat(bitsSet(read(file, 600))).isEqualTo(1);
        assertThat(bitsSet(read(file, 600))).isZero();
    }

    @Test
    void shouldKeepTheDamageWhenABitFlippedAtRest() throws IOException {
        FaultyFiles files = files(1);
        StorageFile file = files.open(FILE);
        write(file, 0, 600, 0);
        file.force();
        files.syncDirectory(DIR);

        files.flipBit(FILE, 599, 3);
        files.crash();

        assertThat(files.bytes(FILE)[599]).isEqualTo((byte) 8);
    }

    @Test
    void shouldGoOnServingAnOpenFileWhenItsNameIsGone() throws IOException {
        FaultyFiles files = files(1);
        StorageFile file = files.open(FILE);
        write(file, 0, 100, 1);
        files.delete(FILE);

        assertThat(read(file, 100)).hasSize(100);
        assertThat(files.exists(FILE)).isFalse();
        file.close();
        assertThatThrownBy(file::size).hasMessageContaining("closed");
    }

    @Test
    void shouldRefuseWhatNoFileSystemDoes() throws IOException {
        FaultyFiles files = files(1);
        files.open(FILE).close();

        assertThatThrownBy(() -> files.open(DIR.resolve("none/a"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files.open(DIR)).hasMessageContaining("is a directory");
        assertThatThrownBy(() -> files.createDirectories(FILE)).hasMessageContaining("is a file");
        assertThatThrownBy(() -> files.delete(DIR)).isInstanceOf(DirectoryNotEmptyException.class);
        assertThatThrownBy(() -> files.rename(DIR.resolve("b"), FILE)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files.syncDirectory(DIR.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files.bytes(DIR.resolve("none"))).isInstanceOf(IllegalArgumentException.class);
        files.delete(DIR.resolve("none"));
    }

    /** A file of ones, forced, then of twos, not forced, then a crash. */
    private static byte[] crashedRewrite(FaultyFiles files, int blocks) {
        try {
            StorageFile file = files.open(FILE);
            write(file, 0, blocks * 512, 1);
            file.force();
            files.syncDirectory(DIR);
            write(file, 0, blocks * 512, 2);
            files.crash();
            return files.bytes(FILE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static FaultyFiles files(long seed) {
        FaultyFiles files = new FaultyFiles(seed);
        try {
            files.createDirectories(DIR);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return files;
    }

    private static void write(StorageFile file, long position, int count, int value) throws IOException {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        file.write(ByteBuffer.wrap(bytes), position);
    }

    private static byte[] read(StorageFile file, int count) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(count);
        file.read(read, 0);
        return read.array();
    }

    private static int count(byte[] bytes, byte value) {
        int count = 0;
        for (byte b : bytes) {
            count += b == value ? 1 : 0;
        }
        return count;
    }

    private static int bitsSet(byte[] bytes) {
        int bits = 0;
        for (byte b : bytes) {
            bits += Integer.bitCount(b & 0xff);
        }
        return bits;
    }
}
