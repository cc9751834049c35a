package io.gq.partition.append;

import io.gq.core.Invariant;
import io.gq.core.record.RecordBatch;
import io.gq.partition.producer.AppendedBatch;
import io.gq.partition.producer.ProducerState;
import io.gq.partition.producer.ProducerStateTable;
import io.gq.partition.producer.SequenceCheck;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one leadership knows beyond the applied state: batches waiting, entries in flight, the offset that comes next. Begins where
 * the applied state ends, and is given up as a whole. Guarded by the appender's lock.
 *
 * <pre>
 *   BROKEN --log end is applied, nothing in flight--> (a new session) OPEN --a proposal fails--> BROKEN
 * </pre>
 */
final class AppendSession {

    private final long term;
    private final ArrayDeque<WaitingBatch> waiting = new ArrayDeque<>();
    private final Set<ProposedEntry> inFlight = new HashSet<>();
    private final Map<Long, Deque<WaitingBatch>> producers = new HashMap<>();
    private long nextOffset;
    private long bytes;
    private long waitingBytes;
    private long lastTimestampMs;
    private boolean broken;

    AppendSession(long term, long nextOffset, long lastTimestampMs) {
        this.term = term;
        this.nextOffset = nextOffset;
        this.lastTimestampMs = lastTimestampMs;
    }

    /** A session that accepts nothing: something may still be on its way into the log. */
    static AppendSession broken(long term) {
        AppendSession session = new AppendSession(term, -1, Long.MIN_VALUE);
        session.broken = true;
        return session;
    }

    long term() {
        return term;
    }

    boolean isBroken() {
        return broken;
    }

    /** Bytes waiting or in flight. */
    long bytes() {
        return bytes;
    }

    int inFlight() {
        return inFlight.size();
    }

    /** The batch on its way that this one repeats. */
    @Nullable
    WaitingBatch duplicateOf(WaitingBatch batch) {
        Deque<WaitingBatch> ofProducer = producers.get(batch.header().producerId());
        if (ofProducer != null) {
            for (WaitingBatch other : ofProducer) {
                if (other.sameAs(batch)) {
                    return other;
                }
            }
        }
        return null;
    }

    /** Checks a batch of an idempotent producer against what is applied and what is on its way. */
    SequenceCheck.Verdict check(WaitingBatch batch, ProducerStateTable applied) {
        RecordBatch header = batch.header();
        ProducerState known = applied.find(header.producerId());
        Deque<WaitingBatch> onTheirWay = producers.get(header.producerId());
        if (onTheirWay != null) {
            WaitingBatch last = onTheirWay.getLast();
            AppendedBatch appended =
                    new AppendedBatch(last.header().baseSequence(), last.lastSequence(), -1, Long.MIN_VALUE);
            short epoch = last.header().producerEpoch();
            known = known == null ? new ProducerState(epoch, List.of(appended)) : known.with(epoch, appended);
        }
        return SequenceCheck.check(known, header.producerEpoch(), header.baseSequence(), batch.lastSequence());
    }

    void add(WaitingBatch batch) {
        waiting.add(batch);
        bytes += batch.sizeInBytes();
        waitingBytes += batch.sizeInBytes();
        if (batch.header().hasProducerId()) {
            producers
                    .computeIfAbsent(batch.header().producerId(), id -> new ArrayDeque<>(2))
                    .add(batch);
        }
    }

    /** Whether what waits should become an entry now. */
    boolean isDue(AppenderConfig config) {
        return inFlight.isEmpty() || (inFlight.size() < config.inFlightMax() && waitingBytes >= config.entryBytesMin());
    }

    /** Puts what waits together to the next entry; null where nothing waits. */
    @Nullable
    ProposedEntry next(AppenderConfig config, long nowMs, boolean logAppendTime, int producersMax) {
        List<WaitingBatch> batches = new ArrayList<>();
        long entryBytes = 0;
        long baseOffset = nextOffset;
        while (!waiting.isEmpty()
                && batches.size() < config.entryBatchesMax()
                && (batches.isEmpty() || entryBytes + waiting.peek().sizeInBytes() <= config.entryBytesMax())) {
            WaitingBatch batch = waiting.remove();
            batches.add(batch);
            entryBytes += batch.sizeInBytes();
            nextOffset += batch.offsets();
        }
        if (batches.isEmpty()) {
            return null;
        }
        waitingBytes -= entryBytes;
        lastTimestampMs = Math.max(lastTimestampMs, nowMs);
        ProposedEntry entry =
                new ProposedEntry(this, batches, baseOffset, lastTimestampMs, logAppendTime, producersMax);
        inFlight.add(entry);
        return entry;
    }

    /** The entry was answered: its batches are applied, or failed. */
    void answered(ProposedEntry entry) {
        Invariant.check(inFlight.remove(entry), "entry answered twice");
        entry.batches().forEach(this::forget);
    }

    /** Accepts nothing any more, and gives up what was not proposed yet. */
    List<WaitingBatch> breakOff() {
        broken = true;
        List<WaitingBatch> givenUp = new ArrayList<>(waiting);
        waiting.clear();
        waitingBytes = 0;
        givenUp.forEach(this::forget);
        return givenUp;
    }

    private void forget(WaitingBatch batch) {
        bytes -= batch.sizeInBytes();
        if (batch.header().hasProducerId()) {
            long id = batch.header().producerId();
            Deque<WaitingBatch> ofProducer = producers.get(id);
            if (ofProducer != null) {
                ofProducer.remove(batch);
                if (ofProducer.isEmpty()) {
                    producers.remove(id);
                }
            }
        }
    }
}
