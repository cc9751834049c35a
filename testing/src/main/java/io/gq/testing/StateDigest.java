package io.gq.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * A 64-bit digest of values in the order they were given, to compare replicas by. Each value goes in with its kind and length, so
 * that ("ab", "c") and ("a", "bc") differ. Not thread-safe.
 */
public final class StateDigest {

    private final CRC32C high = new CRC32C();
    private final CRC32 low = new CRC32();

    public StateDigest update(long value) {
        return updateAll((byte) 'i', ByteBuffer.allocate(Long.BYTES).putLong(0, value));
    }

    public StateDigest update(boolean value) {
        return update(value ? 1L : 0L);
    }

    public StateDigest update(String value) {
        return update(value.getBytes(StandardCharsets.UTF_8));
    }

    public StateDigest update(byte[] value) {
        return update(ByteBuffer.wrap(value));
    }

    /** Position to limit, which do not move. */
    public StateDigest update(ByteBuffer value) {
        return updateAll((byte) 'b', value);
    }

    public long value() {
        return high.getValue() << 32 | low.getValue();
    }

    /** Sixteen hexadecimal digits. */
    @Override
    public String toString() {
        return String.format("%016x", value());
    }

    private StateDigest updateAll(byte kind, ByteBuffer value) {
        ByteBuffer prefix = ByteBuffer.allocate(1 + Integer.BYTES)
                .put(kind)
                .putInt(value.remaining())
                .flip();
        for (Checksum sum : new Checksum[] {high, low}) {
            sum.update(prefix.duplicate());
            sum.update(value.duplicate());
        }
        return this;
    }
}
