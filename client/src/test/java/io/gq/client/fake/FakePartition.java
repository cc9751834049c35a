package io.gq.client.fake;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.record.Compression;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The log of one partition, in memory, shared by all brokers of the cluster. Guarded by the cluster. */
public final class FakePartition {

    private static final int REMEMBERED = 5;

    final List<Integer> replicas;
    int leader;
    long term = 1;
    long startOffset;
    /** Why nobody leads, as metadata say it. */
    @Nullable
    BrokerException trouble;

    private final List<ByteBuffer> batches = new ArrayList<>();
    private final Map<Long, Producer> producers = new HashMap<>();
    private long endOffset;
    private int duplicates;

    private record Numbered(int baseSequence, int lastSequence, long baseOffset) {}

    private static final class Producer {
        final Deque<Numbered> last = new ArrayDeque<>();
        short epoch;
    }

    /** What an append answers. */
    record Appended(long baseOffset, boolean duplicate) {}

    FakePartition(List<Integer> replicas) {
        this.replicas = List.copyOf(replicas);
        this.leader = replicas.get(0);
    }

    /** Appends as a real partition does: each number of a producer once, in order. */
    Appended append(ByteBuffer received, int bytesMax) {
        RecordBatch batch = RecordBatches.checkProduced(received, bytesMax);
        Appended known = batch.hasProducerId() ? check(batch) : null;
        if (known != null) {
            duplicates++;
            return known;
        }
        ByteBuffer stored = ByteBuffer.allocate(received.remaining());
        stored.put(received.duplicate()).flip();
        long base = endOffset;
        RecordBatch.at(stored, 0).assign(base, (int) term);
        batches.add(stored);
        endOffset = base + batch.lastOffsetDelta() + 1;
        if (batch.hasProducerId()) {
            Producer producer = producers.computeIfAbsent(batch.producerId(), id -> new Producer());
            producer.epoch = batch.producerEpoch();
            producer.last.add(
                    new Numbered(batch.baseSequence(), batch.baseSequence() + batch.recordsCount() - 1, base));
            if (producer.last.size() > REMEMBERED) {
                producer.last.remove();
            }
        }
        return new Appended(base, false);
    }

    private @Nullable Appended check(RecordBatch batch) {
        Producer producer = producers.get(batch.producerId());
        if (producer == null) {
            if (batch.baseSequence() != 0) {
                throw new BrokerException(
                        ErrorCode.UNKNOWN_PRODUCER_ID, "producerId: " + batch.producerId() + " (expected: known)");
            }
            return null;
        }
        if (batch.producerEpoch() < producer.epoch) {
            throw new BrokerException(ErrorCode.PRODUCER_FENCED, "producerEpoch: " + batch.producerEpoch());
        }
        int last = batch.baseSequence() + batch.recordsCount() - 1;
        for (Numbered n : producer.last) {
            if (n.baseSequence() == batch.baseSequence() && n.lastSequence() == last) {
                return new Appended(n.baseOffset(), true);
            }
        }
        int expected = producer.last.getLast().lastSequence() + 1;
        if (batch.baseSequence() != expected) {
            throw new BrokerException(
                    ErrorCode.OUT_OF_ORDER_SEQUENCE,
                    "baseSequence: " + batch.baseSequence() + " (expected: " + expected + ")");
        }
        return null;
    }

    /** Batches from the one that holds the offset on, up to the limit, but one at least where there is one. */
    ByteBuffer read(long offset, int bytesMax) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ByteBuffer batch : batches) {
            if (RecordBatch.at(batch, 0).nextOffset() <= offset) {
                continue;
            }
            if (out.size() > 0 && out.size() + batch.remaining() > bytesMax) {
                break;
            }
            byte[] bytes = new byte[batch.remaining()];
            batch.duplicate().get(bytes);
            out.writeBytes(bytes);
        }
        return ByteBuffer.wrap(out.toByteArray());
    }

    long endOffset() {
        return endOffset;
    }

    /** Leaves offsets out, as compaction or an aborted transaction does. */
    void skip(int offsets) {
        endOffset += offsets;
    }

    /** Drops batches that lie wholly before the offset. */
    void trim(long offset) {
        batches.removeIf(batch -> RecordBatch.at(batch, 0).nextOffset() <= offset);
        startOffset = offset;
    }

    /** Forgets every producer, as a partition does that was idle for long. */
    void forgetProducers() {
        producers.clear();
    }

    /** Flips a bit of a stored batch's records. */
    void damage(int batch) {
        ByteBuffer stored = batches.get(batch);
        int at = stored.limit() - 1;
        stored.put(at, (byte) (stored.get(at) ^ 1));
    }

    int batchCount() {
        return batches.size();
    }

    int duplicates() {
        return duplicates;
    }

    List<Compression> compressions() {
        return batches.stream()
                .map(batch -> RecordBatch.at(batch, 0).compression())
                .toList();
    }

    /** Every record, in order. */
    List<Record> records() {
        List<Record> all = new ArrayList<>();
        batches.forEach(batch -> RecordBatch.at(batch, 0).records().forEach(all::add));
        return all;
    }

    long offsetAt(long timestampMs) {
        for (Record record : records()) {
            if (record.timestampMs() >= timestampMs) {
                return record.offset();
            }
        }
        return endOffset;
    }
}
