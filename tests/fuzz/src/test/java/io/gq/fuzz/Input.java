package io.gq.fuzz;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Cuts an input into the numbers and bytes a target wants; where it ends, zeros follow. */
public final class Input {

    private final ByteBuffer in;

    public Input(byte[] data) {
        in = ByteBuffer.wrap(data);
    }

    public boolean hasMore() {
        return in.hasRemaining();
    }

    public int u8() {
        return in.hasRemaining() ? in.get() & 0xff : 0;
    }

    public int u16() {
        return u8() << 8 | u8();
    }

    /** At most so many bytes, as many as there are. */
    public byte[] bytes(int max) {
        byte[] bytes = new byte[Math.min(max, in.remaining())];
        in.get(bytes);
        return bytes;
    }

    /** Exactly so many bytes. */
    public byte[] block(int count) {
        return java.util.Arrays.copyOf(bytes(count), count);
    }

    public byte[] rest() {
        return bytes(in.remaining());
    }

    public static int crc32c(byte[] bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }

    public static byte[] concat(byte[]... parts) {
        int bytes = 0;
        for (byte[] part : parts) {
            bytes += part.length;
        }
        ByteBuffer out = ByteBuffer.allocate(bytes);
        for (byte[] part : parts) {
            out.put(part);
        }
        return out.array();
    }

    public static byte[] array(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        return array;
    }
}
