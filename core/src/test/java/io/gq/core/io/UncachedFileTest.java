package io.gq.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UncachedFileTest {

    private final StorageFiles files = new NioStorageFiles();

    @TempDir
    Path directory;

    @Test
    void shouldReadAnyRangeAsItWasWritten() throws IOException {
        Random random = new Random(7);
        byte[] content = new byte[700_001]; // ends within a block
        random.nextBytes(content);
        Path path = directory.resolve("file");
        Files.write(path, content);
        try (StorageFile file = files.openUncached(path)) {
            assertThat(file.size()).isEqualTo(content.length);
            for (int i = 0; i < 300; i++) {
                int from = random.nextInt(content.length + 10);
                ByteBuffer dst = ByteBuffer.allocate(random.nextInt(i % 10 == 0 ? 600_000 : 9_000));

                int read = file.read(dst, from);

                int to = Math.min(content.length, from + dst.capacity());
                assertThat(read).isEqualTo(Math.max(0, to - from)).isEqualTo(dst.position());
                assertThat(Arrays.copyOf(dst.array(), read))
                        .isEqualTo(Arrays.copyOfRange(content, Math.min(from, to), to));
            }
        }
    }

    @Test
    void shouldSeeWhatWasWrittenAfterItWasOpened() throws IOException {
        Path path = directory.resolve("file");
        try (StorageFile written = files.open(path)) {
            written.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            try (StorageFile file = files.openUncached(path)) {
                written.write(ByteBuffer.wrap(new byte[] {4, 5}), 3);
                ByteBuffer dst = ByteBuffer.allocate(10);

                assertThat(file.read(dst, 1)).isEqualTo(4);

                assertThat(Arrays.copyOf(dst.array(), 4)).containsExactly(2, 3, 4, 5);
            }
        }
    }

    @Test
    void shouldNotMakeAFileAndNotWriteOne() throws IOException {
        Path path = directory.resolve("file");
        assertThatThrownBy(() -> files.openUncached(path)).isInstanceOf(NoSuchFileException.class);
        Files.write(path, new byte[1]);
        try (StorageFile file = files.openUncached(path)) {
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0)).isInstanceOf(IOException.class);
        }
    }
}
