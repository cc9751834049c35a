package io.gq.core.record;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** Reads a buffer, moving its position. Not thread-safe. */
final class BufferInput extends InputStream {

    private final ByteBuffer buffer;

    BufferInput(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    @Override
    public int read() {
        return buffer.hasRemaining() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] to, int start, int count) {
        if (count == 0) {
            return 0;
        }
        int read = Math.min(count, buffer.remaining());
        if (read == 0) {
            return -1;
        }
        buffer.get(to, start, read);
        return read;
    }

    @Override
    public int available() {
        return buffer.remaining();
    }
}
