package io.gq.core.record;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A growing array, written at its end. Not thread-safe. */
final class BytesOutput extends OutputStream {

    private static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

    private byte[] bytes;
    private int size;

    BytesOutput(int initialBytes) {
        this.bytes = new byte[Math.max(initialBytes, 64)];
    }

    int size() {
        return size;
    }

    /** The array written to; another one after the next write. */
    byte[] array() {
        return bytes;
    }

    /** Makes sure that so many more bytes can be written without another growth. */
    void ensure(long more) {
        long needed = size + more;
        if (needed > bytes.length) {
            if (needed > ARRAY_BYTES_MAX) {
                throw new BrokerException(
                        ErrorCode.MESSAGE_TOO_LARGE,
                        "batchBytes: " + needed + " (expected: <= " + ARRAY_BYTES_MAX + ")");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(ARRAY_BYTES_MAX, Math.max(needed, bytes.length * 2L)));
        }
    }

    /** Moves the end forward over bytes that the caller writes into {@link #array} itself. */
    void skip(int count) {
        ensure(count);
        size += count;
    }

    @Override
    public void write(int b) {
        ensure(1);
        bytes[size++] = (byte) b;
    }

    @Override
    public void write(byte[] from, int start, int count) {
        ensure(count);
        System.arraycopy(from, start, bytes, size, count);
        size += count;
    }

    /** Writes position to limit; neither moves. */
    void write(ByteBuffer from) {
        int count = from.remaining();
        ensure(count);
        from.get(from.position(), bytes, size, count);
        size += count;
    }

    /** Zigzag, then seven bits a byte, low ones first. */
    void writeVarint(int value) {
        writeVarlong(value);
    }

    void writeVarlong(long value) {
        ensure(Varint.BYTES_MAX_64);
        size = Varint.write(bytes, size, value);
    }

    /** What was written, without a copy; nothing may be written after it. */
    ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes, 0, size).slice();
    }
}
