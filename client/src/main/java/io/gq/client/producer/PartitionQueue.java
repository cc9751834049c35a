package io.gq.client.producer;

import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The records of one partition that wait to be sent: closed batches in order, then the open one. Safe for use by many threads. */
final class PartitionQueue {

    private static final int INITIAL_BYTES_MIN = 512;

    private final TopicPartition topicPartition;
    private final long lingerNanos;
    private final Consumer<ProducerBatch> onOpened;
    private final Deque<ProducerBatch> closed = new ArrayDeque<>();
    private @Nullable ProducerBatch open;
    private int lastBytes = INITIAL_BYTES_MIN;
    /** What went into closed batches in this turn of the records without a key. */
    private long turnBytes;
    /** No batch here is due before it; meaningless while there is none. */
    private long deadlineFloor;

    private boolean floorSet;
    /** Set while the sender's loop was told to look here and did not yet. */
    final AtomicBoolean woken = new AtomicBoolean();

    /**
     * A record as it is to be laid into a batch.
     *
     * @param compression of the batch, where it opens one
     */
    record Item(
            ProducerRecord record,
            long timestampMs,
            long bytes,
            long timeoutNanos,
            long nowNanos,
            int batchBytes,
            Compression compression) {}

    /**
     * What became of a record.
     *
     * @param closed a batch this one did not fit into: to be packed by the caller
     * @param wake the sender has something new to look at
     */
    record Appended(
            CompletableFuture<RecordMetadata> future,
            @Nullable ProducerBatch closed,
            boolean wake) {}

    PartitionQueue(TopicPartition topicPartition, long lingerNanos, Consumer<ProducerBatch> onOpened) {
        this.topicPartition = topicPartition;
        this.lingerNanos = lingerNanos;
        this.onOpened = onOpened;
    }

    TopicPartition topicPartition() {
        return topicPartition;
    }

    /** Appends only to a batch that is open and has room; null where there is none. The batch is closed then, if there was one. */
    synchronized @Nullable Appended appendIfOpen(Item item) {
        ProducerBatch batch = open;
        if (batch == null || !fits(batch, item)) {
            return null;
        }
        return new Appended(batch.append(item.record(), item.timestampMs(), item.bytes()), null, false);
    }

    synchronized Appended append(Item item) {
        ProducerBatch full = null;
        ProducerBatch batch = open;
        if (batch != null && !fits(batch, item)) {
            full = batch;
            closeOpen();
            batch = null;
        }
        boolean opened = batch == null;
        if (batch == null) {
            int initialBytes = Math.min(item.batchBytes(), Math.max(INITIAL_BYTES_MIN, lastBytes + lastBytes / 8));
            batch = new ProducerBatch(
                    topicPartition, item.compression(), initialBytes, item.nowNanos(), item.timeoutNanos());
            open = batch;
            lowerFloor(batch);
            onOpened.accept(batch);
        }
        CompletableFuture<RecordMetadata> future = batch.append(item.record(), item.timestampMs(), item.bytes());
        return new Appended(future, full, opened || full != null);
    }

    private static boolean fits(ProducerBatch batch, Item item) {
        return batch.timeoutNanos == item.timeoutNanos() && batch.hasRoomFor(item.record(), item.batchBytes());
    }

    /** Closes the open batch, which makes it ready. False where there is none. */
    synchronized boolean closeOpen() {
        ProducerBatch batch = open;
        if (batch == null) {
            return false;
        }
        open = null;
        lastBytes = (int) Math.min(Integer.MAX_VALUE / 2, batch.reservedBytes());
        turnBytes += batch.reservedBytes();
        closed.add(batch);
        return true;
    }

    /**
     * Whether this partition has had a full batch's worth of records in its turn, however many batches they made; the next turn
     * begins with that. Small batches to one partition share entries of its log, small batches to many partitions do not (KIP-794).
     */
    synchronized boolean turnIsOver(Item item) {
        if (turnBytes + item.bytes() <= item.batchBytes()) {
            return false;
        }
        turnBytes = 0;
        return true;
    }

    /** The next batch to be sent, if one is ready: closed, or open for the whole of the linger time. */
    synchronized @Nullable ProducerBatch poll(long nowNanos) {
        closeLingered(nowNanos);
        return closed.poll();
    }

    synchronized boolean hasReady(long nowNanos) {
        closeLingered(nowNanos);
        return !closed.isEmpty();
    }

    private void closeLingered(long nowNanos) {
        ProducerBatch batch = open;
        if (closed.isEmpty() && batch != null && nowNanos - batch.createdNanos >= lingerNanos) {
            closeOpen();
        }
    }

    /** Puts batches back in front, in their order. */
    synchronized void putBack(List<ProducerBatch> batches) {
        for (int i = batches.size() - 1; i >= 0; i--) {
            closed.addFirst(batches.get(i));
            lowerFloor(batches.get(i));
        }
    }

    /** Takes out what is past its deadline, or everything. */
    synchronized List<ProducerBatch> removeExpired(long nowNanos, boolean everything) {
        if (!everything && (!floorSet || nowNanos - deadlineFloor < 0)) {
            return List.of();
        }
        floorSet = false;
        List<ProducerBatch> expired = new ArrayList<>();
        for (Iterator<ProducerBatch> all = closed.iterator(); all.hasNext(); ) {
            ProducerBatch batch = all.next();
            if (everything || nowNanos - batch.deadlineNanos >= 0) {
                all.remove();
                expired.add(batch);
            } else {
                lowerFloor(batch);
            }
        }
        ProducerBatch batch = open;
        if (batch != null && (everything || nowNanos - batch.deadlineNanos >= 0)) {
            open = null;
            expired.add(batch);
        } else if (batch != null) {
            lowerFloor(batch);
        }
        return expired;
    }

    private void lowerFloor(ProducerBatch batch) {
        deadlineFloor = floorSet ? earlier(deadlineFloor, batch.deadlineNanos) : batch.deadlineNanos;
        floorSet = true;
    }

    synchronized boolean isEmpty() {
        return open == null && closed.isEmpty();
    }

    /** When the open batch will have lingered, or the other time where there is none. */
    synchronized long lingeredNanos(long otherwise) {
        ProducerBatch batch = open;
        return batch == null ? otherwise : batch.createdNanos + lingerNanos;
    }

    /** When to look for expired batches, at the latest, or the other time where there are none. */
    synchronized long deadlineNanos(long otherwise) {
        return floorSet ? deadlineFloor : otherwise;
    }

    private static long earlier(long a, long b) {
        return a - b <= 0 ? a : b;
    }
}
