package io.gq.core.record;

import io.gq.core.ErrorCode;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A view of one record batch v2 in a buffer: the unit of storage, replication and network, byte for byte Kafka's.
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
    public static final int NO_LEADER_EPOCH = -1;
    public static final long NO_TIMESTAMP = -1;

    static final int LOG_APPEND_TIME_BIT = 1 << 3;
    static final int TRANSACTIONAL_BIT = 1 << 4;
    static final int CONTROL_BIT = 1 << 5;

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

    /** @throws CorruptBatchException with UNSUPPORTED_COMPRESSION where the attributes name no known codec */
    public Compression compression() {
        return Compression.of(attributes());
    }

    public boolean hasProducerId() {
        return producerId() > NO_PRODUCER_ID;
    }

    /** True where every record carries the time of the broker's append, which is {@link #maxTimestamp}. */
    public boolean logAppendTime() {
        return (attributes() & LOG_APPEND_TIME_BIT) != 0;
    }

    public boolean transactional() {
        return (attributes() & TRANSACTIONAL_BIT) != 0;
    }

    /** True where the records are marks of the broker, not of a producer. */
    public boolean control() {
        return (attributes() & CONTROL_BIT) != 0;
    }

    /**
     * Checks length, magic, CRC and header fields; the records themselves stay packed and unread. The batch may be followed by other
     * bytes.
     *
     * @param sizeMax bytes of the whole batch that are allowed
     * @throws CorruptBatchException with MESSAGE_TOO_LARGE above {@code sizeMax}, UNSUPPORTED_COMPRESSION for an unknown codec, else
     *     CORRUPT_BATCH
     */
    public void validate(int sizeMax) {
        checkLength();
        if (sizeInBytes() > sizeMax) {
            throw new CorruptBatchException(
                    ErrorCode.MESSAGE_TOO_LARGE, "batchBytes: " + sizeInBytes() + " (expected: <= " + sizeMax + ")");
        }
        if (sizeInBytes() > buffer.limit() - start) {
            throw cutShort();
        }
        if (magic() != MAGIC) {
            throw new CorruptBatchException("magic: " + magic() + " (expected: " + MAGIC + ")");
        }
        int computed = computeCrc();
        if (computed != crc()) {
            throw new CorruptBatchException(
                    "crc: 0x" + Integer.toHexString(computed) + " (expected: 0x" + Integer.toHexString(crc()) + ")");
        }
        checkFields();
    }

    /** The records, with {@link RecordLimits#DEFAULT}. */
    public Iterable<Record> records() {
        return records(RecordLimits.DEFAULT);
    }

    /**
     * The records, in order. Each iterator unpacks the batch anew. The CRC is not looked at: {@link #validate} does that.
     *
     * @return its iterators throw {@link CorruptBatchException}, and nothing else, where the bytes are wrong or exceed the limits
     */
    public Iterable<Record> records(RecordLimits limits) {
        return () -> {
            checkLength();
            if (sizeInBytes() > buffer.limit() - start) {
                throw cutShort();
            }
            checkFields();
            ByteBuffer packed = buffer.slice(start + HEADER_BYTES, sizeInBytes() - HEADER_BYTES);
            return new RecordIterator(this, compression().decompress(packed, limits.decompressedBytesMax()));
        };
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

    /**
     * Gives every record the time of the append: rewrites attributes, largest timestamp and CRC in place. For a valid batch in a
     * writable buffer.
     */
    public RecordBatch withLogAppendTime(long timestampMs) {
        buffer.putShort(start + ATTRIBUTES_AT, (short) (attributes() | LOG_APPEND_TIME_BIT));
        buffer.putLong(start + MAX_TIMESTAMP_AT, timestampMs);
        writeCrc();
        return this;
    }

    void writeCrc() {
        buffer.putInt(start + CRC_AT, computeCrc());
    }

    /** {@link #sizeInBytes} as the header has it, were it larger than an int, too. */
    long declaredBytes() {
        return (long) LENGTH_PREFIX_BYTES + buffer.getInt(start + BATCH_LENGTH_AT);
    }

    private void checkLength() {
        if (start < 0 || buffer.limit() - start < HEADER_BYTES) {
            throw cutShort();
        }
        long declared = declaredBytes();
        if (declared < HEADER_BYTES || declared > Integer.MAX_VALUE) {
            throw new CorruptBatchException("batchBytes: " + declared + " (expected: >= " + HEADER_BYTES + ")");
        }
    }

    private CorruptBatchException cutShort() {
        return new CorruptBatchException("batch: cut short after " + Math.max(0, buffer.limit() - start) + " bytes");
    }

    private void checkFields() {
        Compression.of(attributes());
        int count = recordsCount();
        check(lastOffsetDelta() >= 0, "lastOffsetDelta", lastOffsetDelta(), ">= 0");
        check(count >= 0 && count <= lastOffsetDelta() + 1L, "recordsCount", count, "0 to lastOffsetDelta + 1");
        check(baseTimestamp() >= NO_TIMESTAMP, "baseTimestamp", baseTimestamp(), ">= -1");
        check(maxTimestamp() >= NO_TIMESTAMP, "maxTimestamp", maxTimestamp(), ">= -1");
        check(producerId() >= NO_PRODUCER_ID, "producerId", producerId(), ">= -1");
        check(producerEpoch() >= NO_PRODUCER_EPOCH, "producerEpoch", producerEpoch(), ">= -1");
        check(baseSequence() >= NO_SEQUENCE, "baseSequence", baseSequence(), ">= -1");
    }

    private static void check(boolean holds, String name, long value, String expected) {
        if (!holds) {
            throw new CorruptBatchException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
