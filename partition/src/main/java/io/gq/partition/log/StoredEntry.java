package io.gq.partition.log;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What an entry of the Raft log says about its payload.
 *
 * @param timestampMs when the leader made the entry
 * @param baseOffset of the first record
 * @param endOffset the offset after the last record
 * @param length bytes of the payload
 * @param crc CRC32C of the whole payload
 * @param maxTimestampMs the largest of its records' timestamps
 * @param logged the payload, where the Raft log holds it too; null where it is in the segment alone
 */
public record StoredEntry(
        long term,
        long index,
        long timestampMs,
        long baseOffset,
        long endOffset,
        int length,
        int crc,
        long maxTimestampMs,
        @Nullable ByteBuffer logged) {

    /** With its payload in the segment alone. */
    public StoredEntry(
            long term,
            long index,
            long timestampMs,
            long baseOffset,
            long endOffset,
            int length,
            int crc,
            long maxTimestampMs) {
        this(term, index, timestampMs, baseOffset, endOffset, length, crc, maxTimestampMs, null);
    }

    @Override
    public String toString() {
        return "entry(t:" + term + ", i:" + index + ", offsets:[" + baseOffset + "," + endOffset + "), length:" + length
                + ")";
    }
}
