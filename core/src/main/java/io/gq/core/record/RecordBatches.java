package io.gq.core.record;

import io.gq.core.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Record batches end to end in a buffer. Positions and limits of the buffers given here never move. */
public final class RecordBatches {

    private RecordBatches() {}

    /**
     * The batches from position to limit, in order, ending before one that is cut off. They are found by their lengths alone:
     * validate each before any byte of it is believed.
     *
     * @return its iterator throws {@link CorruptBatchException} at a length no batch can have
     */
    public static Iterable<RecordBatch> in(ByteBuffer buffer) {
        return () -> new BatchIterator(buffer);
    }

    /**
     * Bytes, from the position on, of whole and valid batches without a gap: where it is less than remains, the rest is cut off,
     * damaged, or was never written (zeros).
     */
    public static int validBytes(ByteBuffer buffer, int sizeMax) {
        int at = buffer.position();
        while (at < buffer.limit()) {
            RecordBatch batch = RecordBatch.at(buffer, at);
            try {
                batch.validate(sizeMax);
            } catch (CorruptBatchException e) {
                break;
            }
            at += batch.sizeInBytes();
        }
        return at - buffer.position();
    }

    /**
     * Checks what a client sent: exactly one valid batch, position to limit, with at least one record, of an idempotent producer or
     * of none.
     *
     * @throws CorruptBatchException where it is not
     */
    public static RecordBatch checkProduced(ByteBuffer buffer, int sizeMax) {
        RecordBatch batch = RecordBatch.at(buffer, buffer.position());
        batch.validate(sizeMax);
        if (batch.sizeInBytes() != buffer.remaining()) {
            throw new CorruptBatchException(
                    "batchBytes: " + batch.sizeInBytes() + " (expected: one batch of " + buffer.remaining() + ")");
        }
        if (batch.recordsCount() != batch.lastOffsetDelta() + 1L) {
            throw new CorruptBatchException(
                    "recordsCount: " + batch.recordsCount() + " (expected: " + (batch.lastOffsetDelta() + 1L) + ")");
        }
        int unknown = batch.attributes() & ~(Compression.ATTRIBUTE_MASK | RecordBatch.LOG_APPEND_TIME_BIT);
        if (unknown != 0) {
            throw new CorruptBatchException("attributes: 0x" + Integer.toHexString(batch.attributes() & 0xffff)
                    + " (expected: codec and timestamp type only)");
        }
        if (batch.hasProducerId() && (batch.producerEpoch() < 0 || batch.baseSequence() < 0)) {
            throw new CorruptBatchException("producerEpoch: " + batch.producerEpoch() + ", baseSequence: "
                    + batch.baseSequence() + " (expected: >= 0 with a producer id)");
        }
        return batch;
    }

    /**
     * Writes the producer's fields into the batch at the buffer's position and sets its CRC. For a batch of one's own making: it is
     * not validated.
     */
    public static void stampProducer(ByteBuffer buffer, long producerId, short producerEpoch, int baseSequence) {
        int start = buffer.position();
        buffer.putLong(start + RecordBatch.PRODUCER_ID_AT, producerId);
        buffer.putShort(start + RecordBatch.PRODUCER_EPOCH_AT, producerEpoch);
        buffer.putInt(start + RecordBatch.BASE_SEQUENCE_AT, baseSequence);
        RecordBatch.at(buffer, start).writeCrc();
    }

    private static final class BatchIterator implements Iterator<RecordBatch> {

        private final ByteBuffer buffer;
        private int at;
        private @Nullable RecordBatch next;

        BatchIterator(ByteBuffer buffer) {
            this.buffer = buffer;
            this.at = buffer.position();
        }

        @Override
        public boolean hasNext() {
            if (next == null && buffer.limit() - at >= RecordBatch.HEADER_BYTES) {
                RecordBatch batch = RecordBatch.at(buffer, at);
                long size = batch.declaredBytes();
                if (size < RecordBatch.HEADER_BYTES) {
                    throw new CorruptBatchException(
                            ErrorCode.CORRUPT_BATCH,
                            "batchBytes: " + size + " at position " + at + " (expected: >= " + RecordBatch.HEADER_BYTES
                                    + ")");
                }
                if (size <= buffer.limit() - at) {
                    next = batch;
                }
            }
            return next != null;
        }

        @Override
        public RecordBatch next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            RecordBatch batch = next;
            next = null;
            at += batch.sizeInBytes();
            return batch;
        }
    }
}
