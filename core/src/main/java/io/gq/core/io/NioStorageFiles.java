package io.gq.core.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
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
 * The file system of this machine. Reading threads may be interrupted, and stay so; threads that write, force or truncate must not be:
 * an interrupt would close the file for all writers.
 */
public final class NioStorageFiles implements StorageFiles {

    @Override
    public StorageFile open(Path path) throws IOException {
        return new NioStorageFile(
                path,
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
    }

    @Override
    public StorageFile openUncached(Path path) throws IOException {
        return UncachedFile.open(path);
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

    @FunctionalInterface
    private interface Reading {
        long on(FileChannel from) throws IOException;
    }

    /** Channels used by position only: one for all writers, one for all readers. */
    private static final class NioStorageFile implements StorageFile {

        private final Path path;
        private final FileChannel channel;
        private volatile FileChannel reads;
        private boolean closed;

        NioStorageFile(Path path, FileChannel channel) throws IOException {
            this.path = path;
            this.channel = channel;
            this.reads = FileChannel.open(path, StandardOpenOption.READ);
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            int start = dst.position();
            try {
                while (dst.hasRemaining() && reading(from -> from.read(dst, position + dst.position() - start)) >= 0) {
                    // until it is full or the file ends
                }
            } catch (IOException e) {
                throw failed("read at " + (position + dst.position() - start), e);
            }
            return dst.position() - start;
        }

        /** An interrupt of this thread, or of another one that reads, closes a channel for everyone: then it is opened again. */
        private long reading(Reading action) throws IOException {
            boolean interrupted = false;
            try {
                while (true) {
                    FileChannel from = reads;
                    try {
                        return action.on(from);
                    } catch (ClosedChannelException e) {
                        interrupted |= Thread.interrupted();
                        openAgain(from);
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private synchronized void openAgain(FileChannel broken) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            if (reads == broken) {
                reads = FileChannel.open(path, StandardOpenOption.READ);
            }
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
                return reading(FileChannel::size);
            } catch (IOException e) {
                throw failed("size", e);
            }
        }

        @Override
        public synchronized void close() throws IOException {
            closed = true;
            reads.close();
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
