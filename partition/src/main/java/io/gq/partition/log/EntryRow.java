package io.gq.partition.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A row of the entry index: where the payload of one Raft entry lies in its segment.
 *
 * <pre>
 *   0 generation  i32     24 position    i64     48 maxTimestamp i64
 *   4 length      i32     32 baseOffset  i64     56 payloadCrc   u32
 *   8 index       i64     40 endOffset   i64     60 rowCrc       u32  CRC32C of the 60 bytes before
 *  16 term        i64
 * </pre>
 *
 * @param maxTimestampMs the largest timestamp in the segment up to and with this entry, so that rows are sorted by it
 */
record EntryRow(
        int generation,
        int length,
        long index,
        long term,
        long position,
        long baseOffset,
        long endOffset,
        long maxTimestampMs,
        int payloadCrc) {

    static final int BYTES = 64;

    private static final int CRC_AT = 60;

    ByteBuffer encode() {
        ByteBuffer row = ByteBuffer.allocate(BYTES);
        row.putInt(generation).putInt(length).putLong(index).putLong(term).putLong(position);
        row.putLong(baseOffset).putLong(endOffset).putLong(maxTimestampMs).putInt(payloadCrc);
        return row.putInt(crcOf(row, 0)).flip();
    }

    /** The row that begins at an absolute position; null where the bytes are not a whole row of that generation. */
    static @Nullable EntryRow decode(ByteBuffer rows, int at, int generation) {
        if (rows.limit() - at < BYTES || rows.getInt(at) != generation || rows.getInt(at + CRC_AT) != crcOf(rows, at)) {
            return null;
        }
        return new EntryRow(
                generation,
                rows.getInt(at + 4),
                rows.getLong(at + 8),
                rows.getLong(at + 16),
                rows.getLong(at + 24),
                rows.getLong(at + 32),
                rows.getLong(at + 40),
                rows.getLong(at + 48),
                rows.getInt(at + 56));
    }

    long endPosition() {
        return position + length;
    }

    private static int crcOf(ByteBuffer rows, int at) {
        ByteBuffer covered = rows.duplicate();
        covered.limit(at + CRC_AT).position(at);
        CRC32C crc = new CRC32C();
        crc.update(covered);
        return (int) crc.getValue();
    }
}
