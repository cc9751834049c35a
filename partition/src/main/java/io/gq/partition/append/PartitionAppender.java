package io.gq.partition.append;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.partition.LeadershipListener;
import io.gq.partition.PartitionConfig;
import io.gq.partition.PartitionMetrics;
import io.gq.partition.PartitionStateMachine;
import io.gq.partition.TimestampType;
import io.gq.partition.producer.SequenceCheck;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns client batches into entries of a partition this node leads. Offsets are given here, in log order; batches that arrive while
 * entries are in flight share the next one. Never blocks; safe for use by many threads.
 *
 * <p>A proposal that fails leaves the offsets given after it without ground. Then nothing more is proposed until all that is in flight
 * was answered and all that reached the log is applied; from there it begins anew. What was still waiting is refused, certainly not
 * appended. The state machine refuses entries whose offset is not the log's end, so offsets cannot diverge even then.
 */
public final class PartitionAppender implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionAppender.class);

    private final PartitionStateMachine machine;
    private final ReplicatedGroup group;
    private final AppenderConfig config;
    private final InstantSource clock;
    private final PartitionMetrics metrics;
    private final Runnable unsubscribe;

    private final Object lock = new Object();
    private volatile @Nullable AppendSession session;
    private boolean proposing;
    private boolean closed;

    public PartitionAppender(
            PartitionStateMachine machine,
            ReplicatedGroup group,
            AppenderConfig config,
            InstantSource clock,
            PartitionMetrics metrics) {
        this.machine = machine;
        this.group = group;
        this.config = config;
        this.clock = clock;
        this.metrics = metrics;
        this.unsubscribe = machine.onLeadership(new LeadershipListener() {
            @Override
            public void leadershipChanged() {
                followLeadership();
            }

            @Override
            public void applied() {
                AppendSession s = session;
                if (s != null && s.isBroken()) {
                    followLeadership();
                }
            }
        });
    }

    /**
     * Appends a batch. Calls of one thread are appended in call order. A batch that repeats one on its way waits for that one.
     *
     * @param batch one validated batch, position to limit, writable; owned by the appender from here on
     * @return completes when the batch is committed and applied; exceptionally with a {@link BrokerException}: nothing was appended
     *     where its code is not of the kind UNKNOWN_OUTCOME
     */
    public CompletableFuture<Appended> append(ByteBuffer batch) {
        WaitingBatch waiting = new WaitingBatch(batch);
        CompletableFuture<Appended> future;
        synchronized (lock) {
            AppendSession s = session;
            if (s == null || s.isBroken()) {
                future = null;
            } else {
                try {
                    future = accept(s, waiting);
                } catch (BrokerException e) {
                    return refused(e);
                }
            }
        }
        if (future == null) {
            return refused(notLeading());
        }
        propose();
        return future;
    }

    private CompletableFuture<Appended> accept(AppendSession s, WaitingBatch batch) {
        int bytes = batch.sizeInBytes();
        PartitionConfig settings = machine.config();
        if (bytes > settings.batchBytesMax()) {
            throw new BrokerException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "batchBytes: " + bytes + " (expected: <= " + settings.batchBytesMax() + ")");
        }
        if (batch.header().hasProducerId()) {
            WaitingBatch original = s.duplicateOf(batch);
            if (original != null) {
                metrics.duplicate();
                return original.await(true);
            }
            SequenceCheck.Verdict verdict = s.check(batch, machine.producers());
            if (verdict.duplicate() != null) {
                metrics.duplicate();
                return CompletableFuture.completedFuture(
                        new Appended(verdict.duplicate().baseOffset(), s.term(), true, Appended.NO_TIME));
            }
            if (verdict.error() != null) {
                throw new BrokerException(
                        verdict.error(), "producerId: " + batch.header().producerId() + ", " + verdict.message());
            }
        }
        if (s.bytes() > 0 && s.bytes() + bytes > config.waitingBytesMax()) {
            throw new BrokerException(
                    ErrorCode.THROTTLED,
                    "waitingBytes: " + (s.bytes() + bytes) + " (expected: <= " + config.waitingBytesMax() + ")");
        }
        CompletableFuture<Appended> future = batch.await(false);
        s.add(batch);
        return future;
    }

    /** Proposes what waits. One thread at a time, without the lock, for the group takes locks of its own. */
    private void propose() {
        while (true) {
            ProposedEntry entry;
            int inFlight;
            synchronized (lock) {
                AppendSession s = session;
                if (proposing || s == null || s.isBroken() || !s.isDue(config)) {
                    return;
                }
                PartitionConfig settings = machine.config();
                entry = s.next(
                        config,
                        clock.millis(),
                        settings.timestampType() == TimestampType.APPEND,
                        settings.producersMax());
                if (entry == null) {
                    return;
                }
                inFlight = s.inFlight();
                proposing = true;
            }
            CompletableFuture<Outcome> answer;
            try {
                ProposedEntry.Encoded encoded = entry.encode(config.inlineBytesMax());
                metrics.proposed(entry.batches().size(), entry.bytes(), inFlight);
                answer = group.propose(encoded.command(), encoded.payload());
            } catch (RuntimeException e) {
                answer = CompletableFuture.failedFuture(e);
            }
            synchronized (lock) {
                proposing = false;
            }
            var unused = answer.whenComplete((outcome, failure) -> answered(entry, outcome, failure));
        }
    }

    private void answered(ProposedEntry entry, @Nullable Outcome outcome, @Nullable Throwable failure) {
        BrokerException cause = failureOf(outcome, failure);
        List<WaitingBatch> givenUp = List.of();
        synchronized (lock) {
            AppendSession s = entry.session();
            s.answered(entry);
            if (cause != null && !s.isBroken()) {
                givenUp = s.breakOff();
                LOG.info(
                        "appender broke off group={} term={} cause=\"{}\" givenUp={} inFlight={}",
                        group.id(),
                        s.term(),
                        cause.getMessage(),
                        givenUp.size(),
                        s.inFlight());
            }
        }
        if (cause == null) {
            entry.complete();
        } else {
            entry.fail(cause);
            giveUp(givenUp, ErrorCode.LEADER_NOT_AVAILABLE, "an earlier batch failed: " + cause.getMessage());
        }
        followLeadership();
        propose();
    }

    /** Makes the session fit the newest leadership, and begins a new one where the old is broken and all is answered and applied. */
    private void followLeadership() {
        List<WaitingBatch> givenUp = List.of();
        synchronized (lock) {
            long term = closed ? PartitionStateMachine.NOT_LEADING : machine.leaderTerm();
            AppendSession s = session;
            if (s != null && s.term() != term) {
                givenUp = s.breakOff();
                s = null;
            }
            if (term != PartitionStateMachine.NOT_LEADING) {
                if (s == null) {
                    s = AppendSession.broken(term);
                }
                if (s.isBroken() && s.inFlight() == 0 && machine.logEndOffset() == machine.appliedOffset()) {
                    s = new AppendSession(term, machine.appliedOffset(), machine.lastTimestampMs());
                }
            }
            session = s;
        }
        giveUp(givenUp, ErrorCode.NOT_LEADER, "this replica leads no longer");
    }

    private static void giveUp(List<WaitingBatch> batches, ErrorCode code, String message) {
        batches.forEach(b -> b.fail(new BrokerException(code, message)));
    }

    private static @Nullable BrokerException failureOf(@Nullable Outcome outcome, @Nullable Throwable failure) {
        if (failure != null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            return cause instanceof BrokerException e
                    ? e
                    : new BrokerException(ErrorCode.OUTCOME_UNKNOWN, "propose: " + cause.getMessage(), cause);
        }
        if (outcome == null || outcome.error() == null) {
            return null;
        }
        return new BrokerException(outcome.error(), outcome.message());
    }

    private CompletableFuture<Appended> refused(BrokerException e) {
        metrics.refused(e.code());
        return CompletableFuture.failedFuture(e);
    }

    private BrokerException notLeading() {
        Leadership leadership = group.leadership();
        boolean elsewhere = leadership.role() != Leadership.Role.LEADER
                && leadership.leader().isPresent();
        return elsewhere
                ? new BrokerException(
                        ErrorCode.NOT_LEADER,
                        "group " + group.id() + " is led by node "
                                + leadership.leader().orElseThrow())
                : new BrokerException(
                        ErrorCode.LEADER_NOT_AVAILABLE, "group " + group.id() + " has no leader ready to append");
    }

    /** Bytes waiting or in flight. */
    public long waitingBytes() {
        synchronized (lock) {
            AppendSession s = session;
            return s == null ? 0 : s.bytes();
        }
    }

    /** Refuses what waits; what is in flight is answered by the group. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
        unsubscribe.run();
        followLeadership();
    }
}
