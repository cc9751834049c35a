package io.gq.partition.log;

/**
 * What an entry of the Raft log says about its payload.
 *
 * @param timestampMs when the leader made the entry
 * @param baseOffset of the first record
 * @param endOffset the offset after the last record
 * @param length bytes of the payload
 * @param crc CRC32C of the whole payload
 * @param maxTimestampMs the largest of its records' timestamps
 */
public record StoredEntry(
        long term,
        long index,
        long timestampMs,
        long baseOffset,
        long endOffset,
        int length,
        int crc,
        long maxTimestampMs) {

    @Override
    public String toString() {
        return "entry(t:" + term + ", i:" + index + ", offsets:[" + baseOffset + "," + endOffset + "), length:" + length
                + ")";
    }
}
