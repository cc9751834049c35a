package io.gq.core.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects records into one batch. Records are laid into one growing array as they come and packed, all at once, by {@link #build}.
 * Not thread-safe; used once.
 */
public final class RecordBatchBuilder {

    private static final int HEADER_BYTES = RecordBatch.HEADER_BYTES;
    private static final int VARINTS_BYTES_MAX = 4 * Varint.BYTES_MAX_32 + Varint.BYTES_MAX_64 + Varint.BYTES_MAX_32;
    private static final int UTF8_BYTES_PER_CHAR = 3;
    private static final byte[][] NO_KEYS = new byte[0][];

    private final Compression compression;
    private final BytesOutput out;
    private int recordsCount;
    private long baseTimestampMs;
    private long maxTimestampMs;
    private long producerId = RecordBatch.NO_PRODUCER_ID;
    private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
    private int baseSequence = RecordBatch.NO_SEQUENCE;
    private boolean built;

    /** @param initialBytes room taken at once; the batch grows beyond it as needed */
    public RecordBatchBuilder(Compression compression, int initialBytes) {
        this.compression = compression;
        this.out = new BytesOutput(initialBytes);
        this.out.skip(HEADER_BYTES);
    }

    /** The most bytes that a record of these parts adds to a batch before compression. */
    public static long recordBytesMax(
            @Nullable ByteBuffer key, @Nullable ByteBuffer value, List<RecordHeader> headers) {
        long bytes =
                1L + VARINTS_BYTES_MAX + (key == null ? 0 : key.remaining()) + (value == null ? 0 : value.remaining());
        for (RecordHeader header : headers) {
            ByteBuffer headerValue = header.value();
            bytes += 2L * Varint.BYTES_MAX_32
                    + (long) UTF8_BYTES_PER_CHAR * header.key().length()
                    + (headerValue == null ? 0 : headerValue.remaining());
        }
        return bytes;
    }

    /** True where a record of these parts keeps the batch, before compression, at or below {@code batchBytesMax}. */
    public boolean hasRoomFor(
            @Nullable ByteBuffer key, @Nullable ByteBuffer value, List<RecordHeader> headers, int batchBytesMax) {
        return sizeInBytes() + recordBytesMax(key, value, headers) <= batchBytesMax;
    }

    /**
     * Adds a record. The buffers are copied, position to limit, and do not move.
     *
     * @param timestampMs not negative
     * @return the record's offset within the batch
     */
    public int append(
            long timestampMs, @Nullable ByteBuffer key, @Nullable ByteBuffer value, List<RecordHeader> headers) {
        if (built) {
            throw new IllegalStateException("append after build");
        }
        if (timestampMs < 0) {
            throw new IllegalArgumentException("timestampMs: " + timestampMs + " (expected: >= 0)");
        }
        if (recordsCount == 0) {
            baseTimestampMs = timestampMs;
        }
        long timestampDelta = timestampMs - baseTimestampMs;
        byte[][] headerKeys = utf8Keys(headers);
        long bodyBytes = 1L
                + Varint.sizeOf(timestampDelta)
                + Varint.sizeOf(recordsCount)
                + sizeOf(key)
                + sizeOf(value)
                + sizeOf(headers, headerKeys);
        out.ensure(Varint.BYTES_MAX_64 + bodyBytes); // at once, and refused before anything is written
        out.writeVarint((int) bodyBytes);
        out.write(0);
        out.writeVarlong(timestampDelta);
        out.writeVarint(recordsCount);
        write(key);
        write(value);
        out.writeVarint(headers.size());
        for (int i = 0; i < headerKeys.length; i++) {
            out.writeVarint(headerKeys[i].length);
            out.write(headerKeys[i], 0, headerKeys[i].length);
            write(headers.get(i).value());
        }
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        return recordsCount++;
    }

    public boolean isEmpty() {
        return recordsCount == 0;
    }

    public int recordsCount() {
        return recordsCount;
    }

    /** Bytes of the batch so far, before compression. What {@link #build} returns is never larger. */
    public int sizeInBytes() {
        return out.size();
    }

    /** Sets what makes the batch idempotent; may come at any time before {@link #build}. */
    public RecordBatchBuilder producer(long id, short epoch, int firstSequence) {
        producerId = id;
        producerEpoch = epoch;
        baseSequence = firstSequence;
        return this;
    }

    /**
     * The whole batch: base offset 0, leader epoch -1, CRC set. Records that compression would make larger are left as they are, and
     * the batch then says so.
     *
     * @return writable, position 0 to limit, backed by an array; the builder keeps no hold on it
     */
    public ByteBuffer build() {
        if (built) {
            throw new IllegalStateException("build after build");
        }
        if (recordsCount == 0) {
            throw new IllegalStateException("recordsCount: 0 (expected: >= 1)");
        }
        built = true;
        BytesOutput packed = compression == Compression.NONE ? out : pack();
        Compression used = packed == out ? Compression.NONE : compression;
        ByteBuffer batch = packed.toBuffer();
        batch.putLong(0, 0L);
        batch.putInt(RecordBatch.BATCH_LENGTH_AT, batch.limit() - RecordBatch.LENGTH_PREFIX_BYTES);
        batch.putInt(RecordBatch.LEADER_EPOCH_AT, RecordBatch.NO_LEADER_EPOCH);
        batch.put(RecordBatch.MAGIC_AT, RecordBatch.MAGIC);
        batch.putShort(RecordBatch.ATTRIBUTES_AT, (short) used.id());
        batch.putInt(RecordBatch.LAST_OFFSET_DELTA_AT, recordsCount - 1);
        batch.putLong(RecordBatch.BASE_TIMESTAMP_AT, baseTimestampMs);
        batch.putLong(RecordBatch.MAX_TIMESTAMP_AT, maxTimestampMs);
        batch.putInt(RecordBatch.RECORDS_COUNT_AT, recordsCount);
        RecordBatches.stampProducer(batch, producerId, producerEpoch, baseSequence);
        return batch;
    }

    private BytesOutput pack() {
        BytesOutput packed = new BytesOutput(HEADER_BYTES + out.size() / 2);
        packed.skip(HEADER_BYTES);
        compression.compress(out.array(), HEADER_BYTES, out.size() - HEADER_BYTES, packed);
        return packed.size() < out.size() ? packed : out;
    }

    private static byte[][] utf8Keys(List<RecordHeader> headers) {
        if (headers.isEmpty()) {
            return NO_KEYS;
        }
        byte[][] keys = new byte[headers.size()][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = headers.get(i).key().getBytes(StandardCharsets.UTF_8);
        }
        return keys;
    }

    private static long sizeOf(@Nullable ByteBuffer bytes) {
        return bytes == null ? 1 : (long) Varint.sizeOf(bytes.remaining()) + bytes.remaining();
    }

    private static long sizeOf(List<RecordHeader> headers, byte[][] keys) {
        long bytes = Varint.sizeOf(headers.size());
        for (int i = 0; i < keys.length; i++) {
            bytes += (long) Varint.sizeOf(keys[i].length)
                    + keys[i].length
                    + sizeOf(headers.get(i).value());
        }
        return bytes;
    }

    private void write(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            out.writeVarint(-1);
        } else {
            out.writeVarint(bytes.remaining());
            out.write(bytes);
        }
    }
}
