package io.gq.core.record;

/** Variable-length integers as record batches hold them: zigzag, then seven bits a byte, low ones first. */
final class Varint {

    static final int BYTES_MAX_32 = 5;
    static final int BYTES_MAX_64 = 10;

    private Varint() {}

    /** A 32-bit value has the same bytes as the 64-bit one, so one function serves both. */
    static int sizeOf(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /** Writes at {@code position}; returns the position after it. */
    static int write(byte[] to, int position, long value) {
        long rest = (value << 1) ^ (value >> 63);
        int at = position;
        while ((rest & ~0x7fL) != 0) {
            to[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        to[at++] = (byte) rest;
        return at;
    }

    static long decode(long zigzag) {
        return (zigzag >>> 1) ^ -(zigzag & 1);
    }
}
