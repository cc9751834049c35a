package io.gq.core.io;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads a file past the page cache: in whole blocks, by way of a buffer that lies on a block's border, as the kernel asks of direct
 * reads. A file system that knows no such reads is read as usual. One thread.
 */
final class UncachedFile implements StorageFile {

    private static final int BUFFER_BYTES = 256 << 10;

    private final Path path;
    private final FileChannel channel;
    private final int blockBytes;
    private final ByteBuffer buffer;

    private UncachedFile(Path path, FileChannel channel, int blockBytes) {
        this.path = path;
        this.channel = channel;
        this.blockBytes = blockBytes;
        this.buffer = ByteBuffer.allocateDirect(BUFFER_BYTES + blockBytes).alignedSlice(blockBytes);
    }

    static StorageFile open(Path path) throws IOException {
        int blockBytes = Math.toIntExact(Files.getFileStore(path).getBlockSize());
        try {
            FileChannel direct = FileChannel.open(path, StandardOpenOption.READ, ExtendedOpenOption.DIRECT);
            return new UncachedFile(path, direct, blockBytes);
        } catch (UnsupportedOperationException | IOException e) {
            // no direct reads here, or no such file: the second is what this one says
            return new UncachedFile(path, FileChannel.open(path, StandardOpenOption.READ), blockBytes);
        }
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        int start = dst.position();
        while (dst.hasRemaining()) {
            long at = position + dst.position() - start;
            int skip = (int) (at % blockBytes);
            buffer.clear().limit(limit(skip + dst.remaining()));
            int read = channel.read(buffer, at - skip);
            if (read <= skip) {
                break;
            }
            buffer.flip().position(skip);
            buffer.limit(Math.min(buffer.limit(), skip + dst.remaining()));
            dst.put(buffer);
        }
        return dst.position() - start;
    }

    /** Whole blocks, as many as are wanted and fit. */
    private int limit(int wanted) {
        long blocks = ((long) wanted + blockBytes - 1) / blockBytes * blockBytes;
        return (int) Math.min(blocks, buffer.capacity() / blockBytes * blockBytes);
    }

    @Override
    public void write(ByteBuffer src, long position) throws IOException {
        throw readOnly();
    }

    @Override
    public void force() throws IOException {
        throw readOnly();
    }

    @Override
    public void truncate(long size) throws IOException {
        throw readOnly();
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private IOException readOnly() {
        return new IOException(path + ": open for reading only");
    }
}
