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

    private static final int BUFFER_BYTES_MAX = 256 << 10;

    private final Path path;
    private final int blockBytes;
    private final ByteBuffer buffer;
    private FileChannel channel;
    private boolean direct;

    private UncachedFile(Path path, FileChannel channel, boolean direct) throws IOException {
        this.path = path;
        this.channel = channel;
        this.direct = direct;
        this.blockBytes = Math.toIntExact(Files.getFileStore(path).getBlockSize());
        int bytes = (int) Math.min(BUFFER_BYTES_MAX, channel.size()) + 2 * blockBytes;
        this.buffer = ByteBuffer.allocateDirect(bytes).alignedSlice(blockBytes);
    }

    static StorageFile open(Path path) throws IOException {
        FileChannel channel;
        boolean direct = true;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ, ExtendedOpenOption.DIRECT);
        } catch (UnsupportedOperationException | IOException e) {
            channel = cached(path); // no direct reads here, or no such file: the second is what this one says
            direct = false;
        }
        try {
            return new UncachedFile(path, channel, direct);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static FileChannel cached(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        int start = dst.position();
        while (dst.hasRemaining()) {
            long at = position + dst.position() - start;
            int skip = (int) (at % blockBytes);
            buffer.clear().limit(wholeBlocks(skip + (long) dst.remaining()));
            int read = readBlocks(at - skip);
            if (read <= skip) {
                break;
            }
            buffer.flip().position(skip);
            buffer.limit(Math.min(buffer.limit(), skip + dst.remaining()));
            dst.put(buffer);
        }
        return dst.position() - start;
    }

    /** Whether direct reads are possible shows only when one is tried: where it fails the file is read as usual before it counts as bad. */
    private int readBlocks(long position) throws IOException {
        try {
            return channel.read(buffer, position);
        } catch (IOException e) {
            if (!direct) {
                throw e;
            }
            FileChannel before = channel;
            channel = cached(path);
            direct = false;
            before.close();
            buffer.position(0);
            return channel.read(buffer, position);
        }
    }

    /** As many as are wanted and fit, in bytes. */
    private int wholeBlocks(long wanted) {
        long blocks = (wanted + blockBytes - 1) / blockBytes;
        return (int) Math.min(blocks, buffer.capacity() / blockBytes) * blockBytes;
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
