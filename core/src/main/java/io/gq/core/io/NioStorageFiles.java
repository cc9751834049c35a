package io.gq.core.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The file system of this machine. Threads that use its files must not be interrupted: an interrupt closes the file for all of them.
 */
public final class NioStorageFiles implements StorageFiles {

    @Override
    public StorageFile open(Path path) throws IOException {
        return new NioStorageFile(
                path,
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(Path::getFileName).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null) {
            throw new NotDirectoryException(directory.toString());
        }
        createDirectories(parent);
        Files.createDirectories(directory);
        syncDirectory(parent);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** A file channel used by position only. */
    private static final class NioStorageFile implements StorageFile {

        private final Path path;
        private final FileChannel channel;

        NioStorageFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            int total = 0;
            try {
                while (dst.hasRemaining()) {
                    int read = channel.read(dst, position + total);
                    if (read < 0) {
                        break;
                    }
                    total += read;
                }
            } catch (IOException e) {
                throw failed("read at " + (position + total), e);
            }
            return total;
        }

        @Override
        public void write(ByteBuffer src, long position) throws IOException {
            long at = position;
            try {
                while (src.hasRemaining()) {
                    at += channel.write(src, at);
                }
            } catch (IOException e) {
                throw failed("write at " + at, e);
            }
        }

        @Override
        public void force() throws IOException {
            try {
                channel.force(false);
            } catch (IOException e) {
                throw failed("force", e);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            try {
                long present = channel.size();
                if (size < present) {
                    channel.truncate(size);
                } else if (size > present) {
                    channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
                }
            } catch (IOException e) {
                throw failed("truncate to " + size, e);
            }
        }

        @Override
        public long size() throws IOException {
            try {
                return channel.size();
            } catch (IOException e) {
                throw failed("size", e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }

        @Override
        public String toString() {
            return path.toString();
        }

        private IOException failed(String what, IOException cause) {
            return new IOException(path + ": " + what + ": " + cause, cause);
        }
    }
}
