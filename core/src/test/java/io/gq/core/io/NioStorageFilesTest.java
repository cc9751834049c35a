package io.gq.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NioStorageFilesTest {

    @TempDir
    private Path dir;

    private final StorageFiles files = new NioStorageFiles();

    @Test
    void shouldReadWhatWasWrittenAtAPosition() throws IOException {
        try (StorageFile file = files.open(dir.resolve("a"))) {
            ByteBuffer source = bytes("hello");
            file.write(source, 3);
            file.force();

            assertThat(source.hasRemaining()).isFalse();
            assertThat(file.size()).isEqualTo(8);
            ByteBuffer read = ByteBuffer.allocate(10);
            assertThat(file.read(read, 4)).isEqualTo(4);
            assertThat(read.flip()).isEqualTo(bytes("ello"));
            assertThat(file.read(ByteBuffer.allocate(4), 8)).isZero();
            assertThat(file.read(ByteBuffer.allocate(4), 100)).isZero();
        }
        assertThat(Files.readString(dir.resolve("a"))).isEqualTo("\0\0\0hello");
    }

    @Test
    void shouldStayOpenWhenReadingThreadIsInterrupted() throws IOException {
        try (StorageFile file = files.open(dir.resolve("a"))) {
            file.write(bytes("hello"), 0);
            Thread.currentThread().interrupt();

            ByteBuffer read = ByteBuffer.allocate(5);
            assertThat(file.read(read, 0)).isEqualTo(5);
            assertThat(file.size()).isEqualTo(5);

            assertThat(read.flip()).isEqualTo(bytes("hello"));
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
            file.write(bytes("!"), 5);
            file.force();
            assertThat(file.read(ByteBuffer.allocate(10), 0)).isEqualTo(6);
        }
    }

    @Test
    void shouldGoOnReadingWhenOtherReadersAreInterrupted() throws Exception {
        try (StorageFile file = files.open(dir.resolve("a"))) {
            file.write(ByteBuffer.wrap(new byte[1 << 16]), 0);
            Thread[] readers = new Thread[4];
            int[] read = new int[readers.length];
            for (int i = 0; i < readers.length; i++) {
                int number = i;
                readers[i] = new Thread(() -> {
                    for (int round = 0; round < 300; round++) {
                        if (number % 2 == 0 && round % 3 == 0) {
                            Thread.currentThread().interrupt();
                        }
                        try {
                            read[number] += file.read(ByteBuffer.allocate(1 << 16), 0);
                        } catch (IOException e) {
                            return; // the count tells
                        }
                    }
                });
                readers[i].start();
            }
            for (Thread reader : readers) {
                reader.join();
            }

            assertThat(read).containsOnly(300 << 16);
        }
    }

    @Test
    void shouldRefuseToReadWhenClosed() throws IOException {
        StorageFile file = files.open(dir.resolve("a"));
        file.close();

        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldKeepTheContentWhenOpenedAgain() throws IOException {
        Files.writeString(dir.resolve("a"), "old");

        try (StorageFile file = files.open(dir.resolve("a"))) {
            assertThat(file.size()).isEqualTo(3);
            assertThat(file).hasToString(dir.resolve("a").toString());
        }
    }

    @Test
    void shouldCutAndExtendWithZerosWhenTruncated() throws IOException {
        try (StorageFile file = files.open(dir.resolve("a"))) {
            file.write(bytes("hello"), 0);
            file.truncate(2);
            file.truncate(4);
            file.truncate(4);

            assertThat(file.size()).isEqualTo(4);
        }
        assertThat(Files.readString(dir.resolve("a"))).isEqualTo("he\0\0");
    }

    @Test
    void shouldListNamesInOrder() throws IOException {
        files.createDirectories(dir.resolve("x/y"));
        files.open(dir.resolve("x/b")).close();
        files.open(dir.resolve("x/a")).close();

        assertThat(files.list(dir.resolve("x"))).containsExactly(Path.of("a"), Path.of("b"), Path.of("y"));
        assertThat(files.list(dir.resolve("none"))).isEmpty();
    }

    @Test
    void shouldCreateDirectoriesOnce() throws IOException {
        files.createDirectories(dir.resolve("x/y/z"));
        files.createDirectories(dir.resolve("x/y/z"));

        assertThat(Files.isDirectory(dir.resolve("x/y/z"))).isTrue();
    }

    @Test
    void shouldRefuseADirectoryWhereAFileIs() throws IOException {
        files.open(dir.resolve("a")).close();

        assertThatThrownBy(() -> files.createDirectories(dir.resolve("a"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.open(dir)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldReplaceTheTargetWhenRenamed() throws IOException {
        Files.writeString(dir.resolve("new"), "new");
        Files.writeString(dir.resolve("old"), "old");

        files.rename(dir.resolve("new"), dir.resolve("old"));
        files.syncDirectory(dir);

        assertThat(Files.readString(dir.resolve("old"))).isEqualTo("new");
        assertThat(files.exists(dir.resolve("new"))).isFalse();
    }

    @Test
    void shouldDeleteFilesAndEmptyDirectories() throws IOException {
        files.createDirectories(dir.resolve("x"));
        files.open(dir.resolve("x/a")).close();

        assertThatThrownBy(() -> files.delete(dir.resolve("x"))).isInstanceOf(DirectoryNotEmptyException.class);
        files.delete(dir.resolve("x/a"));
        files.delete(dir.resolve("x/a"));
        files.delete(dir.resolve("x"));

        assertThat(files.exists(dir.resolve("x"))).isFalse();
    }

    @Test
    void shouldNameFileAndPlaceWhenACallFails() throws IOException {
        StorageFile file = files.open(dir.resolve("gone"));
        file.close();

        assertThatThrownBy(() -> file.write(bytes("x"), 7))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("gone: write at 7");
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 9)).hasMessageContaining("gone: read at 9");
        assertThatThrownBy(file::force).hasMessageContaining("gone: force");
        assertThatThrownBy(file::size).hasMessageContaining("gone: size");
        assertThatThrownBy(() -> file.truncate(5)).hasMessageContaining("gone: truncate to 5");
        assertThatThrownBy(() -> files.syncDirectory(dir.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files.open(dir.resolve("none/a"))).isInstanceOf(NoSuchFileException.class);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
