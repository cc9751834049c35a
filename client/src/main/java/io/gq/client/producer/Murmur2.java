package io.gq.client.producer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The 32-bit murmur2 hash with the seed that Kafka's clients use, so that equal keys go to equal partitions. */
final class Murmur2 {

    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;
    private static final int R = 24;

    private Murmur2() {}

    /** Hash of the bytes from position to limit, which do not move. */
    static int hash(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int h = SEED ^ in.remaining();
        while (in.remaining() >= Integer.BYTES) {
            int k = in.getInt() * M;
            k ^= k >>> R;
            h = h * M ^ k * M;
        }
        int tail = 0;
        for (int shift = 0; in.hasRemaining(); shift += Byte.SIZE) {
            tail |= (in.get() & 0xff) << shift;
        }
        if ((bytes.remaining() & 3) != 0) {
            h = (h ^ tail) * M;
        }
        h = (h ^ h >>> 13) * M;
        return h ^ h >>> 15;
    }

    /** The partition of a key: positive for every hash. */
    static int partition(ByteBuffer key, int partitions) {
        return (hash(key) & Integer.MAX_VALUE) % partitions;
    }
}
