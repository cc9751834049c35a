package io.gq.core.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Walks the unpacked records of one batch. Believes nothing: whatever the bytes say, the answer is a record or a typed error. */
final class RecordIterator implements Iterator<Record> {

    /** The least a record takes: length, attributes, two deltas, two lengths, header count, a byte each. */
    static final int RECORD_BYTES_MIN = 7;

    private static final int HEADER_BYTES_MIN = 2;

    private final RecordBatch batch;
    private final ByteBuffer in;
    private final int count;
    private int taken;
    private int previousDelta = -1;

    RecordIterator(RecordBatch batch, ByteBuffer records) {
        this.batch = batch;
        this.in = records;
        this.count = batch.recordsCount();
        if ((long) count * RECORD_BYTES_MIN > records.remaining()) {
            throw new CorruptBatchException(
                    "recordsCount: " + count + " (expected: what fits into " + records.remaining() + " bytes)");
        }
        if (count == 0) {
            checkNoneLeft();
        }
    }

    @Override
    public boolean hasNext() {
        return taken < count;
    }

    @Override
    public Record next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        int end = in.limit();
        int length = length("record length", 0);
        int recordEnd = in.position() + length;
        in.limit(recordEnd);
        Record record = read();
        if (in.hasRemaining()) {
            throw corrupt("record length: " + length + " (expected: " + in.remaining() + " less)");
        }
        in.limit(end);
        taken++;
        if (taken == count) {
            checkNoneLeft();
        }
        return record;
    }

    private Record read() {
        if (!in.hasRemaining()) {
            throw corrupt("record: cut short");
        }
        in.get(); // attributes: none is defined
        long timestampDelta = varlong(Varint.BYTES_MAX_64);
        long offsetDelta = varlong(Varint.BYTES_MAX_32);
        if (offsetDelta <= previousDelta || offsetDelta > batch.lastOffsetDelta()) {
            throw corrupt("offsetDelta: " + offsetDelta + " (expected: " + (previousDelta + 1L) + " to "
                    + batch.lastOffsetDelta() + ")");
        }
        previousDelta = (int) offsetDelta;
        ByteBuffer key = bytes("key length");
        ByteBuffer value = bytes("value length");
        List<RecordHeader> headers = headers();
        long timestampMs = batch.logAppendTime() ? batch.maxTimestamp() : batch.baseTimestamp() + timestampDelta;
        return new Record(batch.baseOffset() + offsetDelta, timestampMs, key, value, headers);
    }

    private List<RecordHeader> headers() {
        long headers = varlong(Varint.BYTES_MAX_32);
        if (headers == 0) {
            return List.of();
        }
        if (headers < 0 || headers * HEADER_BYTES_MIN > in.remaining()) {
            throw corrupt("header count: " + headers + " (expected: 0 to " + in.remaining() / HEADER_BYTES_MIN + ")");
        }
        List<RecordHeader> list = new ArrayList<>((int) headers);
        for (int i = 0; i < headers; i++) {
            ByteBuffer key = slice(length("header key length", 0));
            list.add(new RecordHeader(StandardCharsets.UTF_8.decode(key).toString(), bytes("header value length")));
        }
        return list;
    }

    /** A length and that many bytes; null for the length -1. */
    private @Nullable ByteBuffer bytes(String what) {
        int length = length(what, -1);
        return length < 0 ? null : slice(length);
    }

    private ByteBuffer slice(int length) {
        ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        return slice;
    }

    private int length(String what, int least) {
        long length = varlong(Varint.BYTES_MAX_32);
        if (length < least || length > in.remaining()) {
            throw corrupt(what + ": " + length + " (expected: " + least + " to " + in.remaining() + ")");
        }
        return (int) length;
    }

    private long varlong(int bytesMax) {
        long zigzag = 0;
        for (int i = 0; i < bytesMax; i++) {
            if (!in.hasRemaining()) {
                throw corrupt("record: cut short");
            }
            byte b = in.get();
            zigzag |= (long) (b & 0x7f) << (7 * i);
            if (b >= 0) {
                return Varint.decode(bytesMax == Varint.BYTES_MAX_32 ? zigzag & 0xffffffffL : zigzag);
            }
        }
        throw corrupt("varint: longer than " + bytesMax + " bytes");
    }

    private void checkNoneLeft() {
        if (in.hasRemaining()) {
            throw corrupt("records: " + in.remaining() + " bytes left after the last (expected: 0)");
        }
    }

    private CorruptBatchException corrupt(String message) {
        return new CorruptBatchException(
                message + " in record " + taken + " of the batch at offset " + batch.baseOffset());
    }
}
