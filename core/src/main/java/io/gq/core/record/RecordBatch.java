package io.gq.core.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A read-only view of one record batch v2 in a buffer: the unit of storage, replication and network, byte for byte Kafka's.
 *
 * <pre>
 *   0 baseOffset            i64        outside the CRC: the broker writes it
 *   8 batchLength           i32        bytes after this field
 *  12 partitionLeaderEpoch  i32        outside the CRC: the broker writes the term
 *  16 magic                 i8  = 2
 *  17 crc                   u32        CRC32C of everything from attributes on
 *  21 attributes            i16        0-2 codec, 3 log append time, 4 transactional, 5 control, 6 delete horizon
 *  23 lastOffsetDelta       i32
 *  27 baseTimestamp         i64
 *  35 maxTimestamp          i64
 *  43 producerId            i64        -1: none
 *  51 producerEpoch         i16
 *  53 baseSequence          i32
 *  57 recordsCount          i32
 *  61 records
 * </pre>
 *
 * <p>Not thread-safe only where the buffer is changed underneath; the accessors use absolute positions.
 */
public final class RecordBatch {

    public static final int HEADER_BYTES = 61;
    /** Bytes before the part that {@code batchLength} counts. */
    public static final int LENGTH_PREFIX_BYTES = 12;

    public static final byte MAGIC = 2;
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;

    static final int BATCH_LENGTH_AT = 8;
    static final int LEADER_EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_SEQUENCE_AT = 53;
    static final int RECORDS_COUNT_AT = 57;

    private final ByteBuffer buffer;
    private final int start;

    private RecordBatch(ByteBuffer buffer, int start) {
        this.buffer = buffer;
        this.start = start;
    }

    /**
     * A view of the batch that starts at an absolute position of the buffer. Checks nothing: validate before any byte of it is
     * believed.
     */
    public static RecordBatch at(ByteBuffer buffer, int start) {
        return new RecordBatch(buffer, start);
    }

    public long baseOffset() {
        return buffer.getLong(start);
    }

    /** Bytes of the whole batch, the length field and what stands before it included. */
    public int sizeInBytes() {
        return LENGTH_PREFIX_BYTES + buffer.getInt(start + BATCH_LENGTH_AT);
    }

    public int leaderEpoch() {
        return buffer.getInt(start + LEADER_EPOCH_AT);
    }

    public byte magic() {
        return buffer.get(start + MAGIC_AT);
    }

    public int crc() {
        return buffer.getInt(start + CRC_AT);
    }

    public short attributes() {
        return buffer.getShort(start + ATTRIBUTES_AT);
    }

    public int lastOffsetDelta() {
        return buffer.getInt(start + LAST_OFFSET_DELTA_AT);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    /** The offset after the batch's last one. */
    public long nextOffset() {
        return lastOffset() + 1;
    }

    public long baseTimestamp() {
        return buffer.getLong(start + BASE_TIMESTAMP_AT);
    }

    public long maxTimestamp() {
        return buffer.getLong(start + MAX_TIMESTAMP_AT);
    }

    public long producerId() {
        return buffer.getLong(start + PRODUCER_ID_AT);
    }

    public short producerEpoch() {
        return buffer.getShort(start + PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return buffer.getInt(start + BASE_SEQUENCE_AT);
    }

    public int recordsCount() {
        return buffer.getInt(start + RECORDS_COUNT_AT);
    }

    /** CRC32C over what the header's CRC covers. */
    public int computeCrc() {
        ByteBuffer covered = buffer.duplicate();
        covered.limit(start + sizeInBytes()).position(start + ATTRIBUTES_AT);
        CRC32C crc = new CRC32C();
        crc.update(covered);
        return (int) crc.getValue();
    }

    /** Writes the two fields that are the broker's, both outside the CRC. The buffer must be writable. */
    public void assign(long baseOffset, int leaderEpoch) {
        buffer.putLong(start, baseOffset);
        buffer.putInt(start + LEADER_EPOCH_AT, leaderEpoch);
    }
}
