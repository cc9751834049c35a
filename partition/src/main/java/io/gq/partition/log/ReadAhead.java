package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads a file from front to back in large pieces, whatever the size of what is asked for. What was read ahead may be older than what
 * is asked for by then: {@link #forget} it and ask again. One thread.
 */
final class ReadAhead implements StorageFile {

    private static final int PIECE_BYTES = 256 << 10;

    private final StorageFile file;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).limit(0);
    private long pieceStart;

    ReadAhead(StorageFile file) {
        this.file = file;
    }

    void forget() {
        piece.limit(0);
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        if (dst.remaining() >= PIECE_BYTES) {
            return file.read(dst, position);
        }
        if (position < pieceStart || position + dst.remaining() > pieceStart + piece.limit()) {
            piece.clear();
            int read = file.read(piece, position);
            piece.position(0).limit(read);
            pieceStart = position;
        }
        int count = Math.min(dst.remaining(), piece.limit() - (int) (position - pieceStart));
        dst.put(piece.slice((int) (position - pieceStart), count));
        return count;
    }

    @Override
    public void write(ByteBuffer src, long position) {
        throw readOnly();
    }

    @Override
    public void force() {
        throw readOnly();
    }

    @Override
    public void truncate(long size) {
        throw readOnly();
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("reads only");
    }
}
