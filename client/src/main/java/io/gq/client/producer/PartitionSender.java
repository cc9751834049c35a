package io.gq.client.producer;

import com.google.protobuf.UnsafeByteOperations;
import io.gq.client.GqException;
import io.gq.client.internal.Backoff;
import io.gq.client.internal.Errors;
import io.gq.client.internal.PartitionView;
import io.gq.client.internal.TopicView;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.time.Scheduler.Cancellable;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends the batches of one partition, in order, several at a time, and again where that is needed. Runs on the sender's loop only.
 *
 * <p>What must hold:
 * <ul>
 *   <li>Under one identity, batches are numbered without a gap in the order of the queue, and a batch keeps its number. So a broker
 *       appends each once and none before the one in front of it, however often and wherever they are sent.
 *   <li>From the oldest unanswered batch to the newest sent one there are never more than the window, which is not more than a
 *       partition remembers.
 *   <li>A batch is numbered anew only when it is certain that it is not and will not be appended: every send of it was refused, or
 *       the batch in front of it is certainly missing. One whose outcome is open keeps its number until it is answered or fails as
 *       {@link ErrorCode#OUTCOME_UNKNOWN}; what was not sent yet then goes out under a new identity, once nothing is in flight.
 *   <li>No batch is sent after its deadline.
 * </ul>
 *
 * A new <em>generation</em> begins whenever what is in flight has to be sent again: after a refusal, a lost stream, silence, or
 * when another node leads.
 */
final class PartitionSender {

    private static final int CORRUPT_TRIES = 3;
    private static final long TIMER_NANOS_MIN = 50_000;

    private final PartitionQueue queue;
    private final TopicPartition tp;
    private final SenderHost host;
    private final ProducerConfig config;
    private final long requestTimeoutNanos;
    private final int window;
    private final Backoff backoff;

    private final InFlight inFlight = new InFlight();

    private @Nullable ProducerIdentity identity;
    private int nextSequence;
    /** Nothing new is numbered under this identity; it is dropped once nothing is in flight. */
    private boolean renew;

    private int generation;
    private int node;
    private long term;
    private long notBeforeNanos;
    /** Nothing has gone well since the last trouble. */
    private boolean troubled;

    private int silences;
    private GqException lastTrouble = new GqException(ErrorCode.BROKER_UNAVAILABLE, "not tried");
    private long timerNanos;
    private @Nullable Cancellable timer;
    private boolean advancing;
    private boolean advanceAgain;

    PartitionSender(
            PartitionQueue queue, SenderHost host, ProducerConfig config, long requestTimeoutNanos, Backoff backoff) {
        this.queue = queue;
        this.tp = queue.topicPartition();
        this.host = host;
        this.config = config;
        this.requestTimeoutNanos = requestTimeoutNanos;
        this.window = config.idempotent() ? config.inFlightMax() : 1;
        this.backoff = backoff;
        this.notBeforeNanos = host.nowNanos();
    }

    /** Does whatever can be done now. Called back on the way, it does it once more. */
    void advance() {
        if (advancing) {
            advanceAgain = true;
            return;
        }
        advancing = true;
        try {
            do {
                advanceAgain = false;
                step(host.nowNanos());
            } while (advanceAgain);
        } finally {
            advancing = false;
        }
    }

    private void step(long now) {
        expire(now);
        checkSilence(now);
        trim();
        if (now - notBeforeNanos >= 0) {
            send(now);
        }
        setTimer(now);
    }

    void metadataChanged() {
        if (!inFlight.isEmpty() || troubled) {
            if (anotherLeads()) {
                notBeforeNanos = host.nowNanos();
            }
            advance();
        }
    }

    /** Of no effect where there is one: batches in flight are numbered under it, and those numbered anew could overtake them. */
    void identified(ProducerIdentity fresh) {
        if (identity == null) {
            identity = fresh;
            nextSequence = 0;
        }
        advance();
    }

    void notIdentified(GqException reason) {
        trouble(reason);
        advance();
    }

    /** The link to the node could not be opened, or broke. */
    void unreachable(int unreachableNode, GqException reason) {
        if (unreachableNode == node) {
            leaderTrouble(reason);
        }
        advance();
    }

    /** The stream broke before this send was answered. */
    void unanswered(BrokerLink.Attempt attempt, GqException reason) {
        ProducerBatch batch = attempt.batch();
        if (!batch.done && attempt.numbering() == batch.numbering) {
            batch.outstanding--;
            openOutcome(attempt, reason);
            advance();
        }
    }

    void answered(BrokerLink.Attempt attempt, ProduceResponse answer) {
        ProducerBatch batch = attempt.batch();
        if (batch.done) {
            return;
        }
        if (!answer.hasError()) {
            acknowledged(batch, answer);
        } else if (attempt.numbering() == batch.numbering) {
            batch.outstanding--;
            refused(attempt, answer.getError());
        }
        advance();
    }

    /** Fails everything; the producer goes away. */
    void abort(GqException reason) {
        for (ProducerBatch batch : inFlight.unanswered()) {
            if (!batch.done) {
                fail(batch, batch.mayBeAppended() ? unknown(batch, reason.getMessage()) : reason);
            }
        }
        inFlight.clear();
        renew = true;
        queue.removeExpired(0, true).forEach(batch -> fail(batch, reason));
    }

    private void acknowledged(ProducerBatch batch, ProduceResponse answer) {
        batch.done = true;
        host.acknowledged(batch, answer.getBaseOffset(), answer.getLogAppendTimeMs());
        troubled = false;
        silences = 0;
        backoff.reset();
    }

    private void refused(BrokerLink.Attempt attempt, Error error) {
        ProducerBatch batch = attempt.batch();
        GqException reason = Errors.fromWire(error);
        if (error.hasLeader()) {
            host.leaderHint(tp, error.getLeader());
        }
        if (reason.outcomeUnknown()) {
            openOutcome(attempt, reason);
        } else if (attempt.generation() == generation) { // else it is on its way again already
            switch (reason.code()) {
                case OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER_ID -> outOfSequence(attempt, reason);
                case PRODUCER_FENCED -> host.fatal(reason);
                default -> {
                    if (worthAnotherTry(batch, reason)) {
                        again(attempt, reason);
                    } else {
                        refusedForGood(batch, reason);
                    }
                }
            }
        }
    }

    /** What does not exist may exist in a moment, or metadata will say that it never will. */
    private static boolean worthAnotherTry(ProducerBatch batch, GqException reason) {
        return reason.retriable()
                || reason.code().kind() == ErrorCode.Kind.NOT_FOUND
                || (reason.code() == ErrorCode.CORRUPT_BATCH && batch.sends < CORRUPT_TRIES);
    }

    /** A send of which nobody knows what became. */
    private void openOutcome(BrokerLink.Attempt attempt, GqException reason) {
        ProducerBatch batch = attempt.batch();
        batch.lost = true;
        if (config.idempotent()) {
            again(attempt, reason);
        } else {
            inFlight.remove(batch);
            fail(batch, unknown(batch, reason.getMessage()));
        }
    }

    private void outOfSequence(BrokerLink.Attempt attempt, GqException reason) {
        ProducerBatch batch = attempt.batch();
        if (inFlight.first() != batch) {
            again(attempt, reason); // the one in front is missing: both go again
        } else if (!batch.mayBeAppended()) {
            putBack(inFlight.takeFrom(batch));
            trouble(reason);
        } else if (renew) {
            // the one in front has failed with an open outcome, and so has this one
            inFlight.remove(batch);
            fail(batch, unknown(batch, reason.getMessage()));
        } else {
            again(attempt, reason);
        }
    }

    /** The broker will never take this batch. */
    private void refusedForGood(ProducerBatch batch, GqException reason) {
        if (batch.mayBeAppended()) {
            inFlight.remove(batch);
            renew = true;
            fail(batch, unknown(batch, reason.getMessage()));
        } else {
            dropCertain(batch, reason);
        }
    }

    /** Fails a batch that is certainly not appended: then neither is any behind it, and they are numbered anew. */
    private void dropCertain(ProducerBatch batch, GqException reason) {
        List<ProducerBatch> behind = inFlight.takeFrom(batch);
        behind.remove(batch);
        putBack(behind);
        fail(batch, reason);
    }

    private void putBack(List<ProducerBatch> batches) {
        batches.forEach(ProducerBatch::forgetSends);
        queue.putBack(batches);
        renew = true;
    }

    /** Everything in flight is sent again, in order, to whoever leads then. */
    private void again(BrokerLink.Attempt attempt, GqException reason) {
        if (attempt.generation() == generation) {
            generation++;
            leaderTrouble(reason);
        }
    }

    private void trouble(GqException reason) {
        lastTrouble = reason;
        troubled = true;
        notBeforeNanos = host.nowNanos()
                + Math.max(backoff.nextNanos(), reason.retryAfter().toNanos());
        host.refreshMetadata();
    }

    /** Trouble with the node this sender turned to: where news of another leader was faster, it turns to that one at once. */
    private void leaderTrouble(GqException reason) {
        if (node != 0 && anotherLeads()) {
            lastTrouble = reason;
            troubled = true;
            notBeforeNanos = host.nowNanos();
        } else {
            trouble(reason);
        }
    }

    /** Metadata name a leader that this sender has not turned to yet. */
    private boolean anotherLeads() {
        PartitionView leader = host.view().partition(tp).orElse(null);
        return leader != null && leader.leader() != 0 && (leader.leader() != node || leader.term() > term);
    }

    private void expire(long now) {
        for (ProducerBatch batch : inFlight.unanswered()) {
            if (!batch.done && now - batch.deadlineNanos >= 0 && inFlight.contains(batch)) {
                if (batch.mayBeAppended()) {
                    inFlight.remove(batch);
                    renew = true;
                    fail(batch, unknown(batch, lateText(batch)).atDeadline());
                } else {
                    dropCertain(batch, late(batch));
                }
            }
        }
        queue.removeExpired(now, false).forEach(batch -> fail(batch, late(batch)));
    }

    private void checkSilence(long now) {
        ProducerBatch first = inFlight.first();
        if (first == null || first.generation != generation || first.outstanding == 0) {
            return;
        }
        long patience = requestTimeoutNanos << Math.min(silences, 3);
        if (now - first.sentNanos < patience) {
            return;
        }
        silences++;
        GqException reason = new GqException(
                ErrorCode.TIMEOUT,
                "broker " + node + ": no answer within " + patience / 1_000_000 + " ms (partition " + tp + ")");
        if (!host.link(node).abandonIfSilentSince(first.sentNanos)) {
            openOutcome(new BrokerLink.Attempt(this, first, generation, first.numbering), reason);
        }
    }

    private void trim() {
        inFlight.trim();
        if (renew && inFlight.isEmpty()) {
            identity = null;
            renew = false;
        }
    }

    private void send(long now) {
        if (inFlight.isEmpty() && !queue.hasReady(now)) {
            return;
        }
        TopicView topic = host.view().topics().get(tp.topic());
        if (topic == null && host.view().missing().contains(tp.topic())) {
            abort(new GqException(ErrorCode.UNKNOWN_TOPIC, "topic: " + tp.topic() + " (expected: one that exists)"));
            return;
        }
        if (config.idempotent() && identity == null) {
            host.requestIdentity(this);
            return;
        }
        if (topic == null || !findLeader() || !host.link(node).readyFor(this)) {
            return;
        }
        for (ProducerBatch batch : inFlight.unanswered()) {
            if (!batch.done && batch.generation != generation) {
                if (!host.link(node).readyFor(this) || !transmit(batch, topic, now)) {
                    return;
                }
            }
        }
        while (!renew && inFlight.span() < window && host.link(node).readyFor(this)) {
            ProducerBatch batch = queue.poll(now);
            if (batch == null) {
                return;
            }
            if (batch.done) {
                continue;
            }
            number(batch);
            inFlight.add(batch);
            if (!transmit(batch, topic, now)) {
                return;
            }
        }
    }

    /** Turns to the leader of the metadata; false where none is known. */
    private boolean findLeader() {
        PartitionView leader = host.view().partition(tp).orElse(null);
        if (leader == null || leader.leader() == 0) {
            trouble(new GqException(
                    leader == null ? ErrorCode.UNKNOWN_PARTITION : ErrorCode.LEADER_NOT_AVAILABLE,
                    "leader of " + tp + ": none known (expected: one of nodes "
                            + (leader == null ? List.of() : leader.replicas()) + ")"));
            return false;
        }
        if (leader.leader() != node) {
            node = leader.leader();
            generation++;
            silences = 0;
        }
        term = leader.term();
        return true;
    }

    private void number(ProducerBatch batch) {
        ProducerIdentity id = identity;
        if (id == null) {
            batch.encode();
            return;
        }
        batch.number(id, nextSequence);
        nextSequence += batch.recordsCount();
        if (nextSequence < 0 || nextSequence > Integer.MAX_VALUE - (1 << 24)) {
            renew = true; // long before numbers run out
        }
    }

    private boolean transmit(ProducerBatch batch, TopicView topic, long now) {
        if (batch.topicId == null) {
            batch.topicId = topic.id();
        } else if (!batch.topicId.equals(topic.id())) {
            refusedForGood(
                    batch,
                    new GqException(
                            ErrorCode.UNKNOWN_TOPIC_ID, "topic: " + tp.topic() + " was deleted and made again"));
            return false;
        }
        batch.generation = generation;
        batch.outstanding++;
        batch.sends++;
        batch.sentNanos = now;
        long left = Math.min(batch.deadlineNanos - now, requestTimeoutNanos / 4 * 3);
        host.link(node)
                .send(
                        ProduceRequest.newBuilder()
                                .setTopic(topic.ref())
                                .setPartition(tp.partition())
                                .setBatch(UnsafeByteOperations.unsafeWrap(batch.encode()))
                                .setTimeoutMs((int) Math.max(1, left / 1_000_000)),
                        new BrokerLink.Attempt(this, batch, generation, batch.numbering));
        return true;
    }

    /** The next time at which something is to be done that no callback announces. */
    private void setTimer(long now) {
        long next = now + requestTimeoutNanos;
        boolean needed = !inFlight.isEmpty();
        if (now - notBeforeNanos < 0) {
            next = earlier(next, notBeforeNanos);
            needed |= !queue.isEmpty();
        } else if (!renew && inFlight.span() < window) {
            long lingered = queue.lingeredNanos(next);
            if (lingered - now > 0 && lingered - next < 0) {
                next = lingered;
                needed = true;
            }
        }
        needed |= queue.deadlineNanos(next) - next < 0;
        next = earlier(next, queue.deadlineNanos(next));
        for (ProducerBatch batch : inFlight.unanswered()) {
            next = earlier(next, batch.deadlineNanos);
        }
        if (needed && (timer == null || next - timerNanos < 0)) {
            if (timer != null) {
                timer.cancel();
            }
            timerNanos = next;
            timer = host.after(Math.max(next - now, TIMER_NANOS_MIN), () -> {
                timer = null;
                advance();
            });
        }
    }

    private static long earlier(long a, long b) {
        return a - b <= 0 ? a : b;
    }

    private void fail(ProducerBatch batch, GqException reason) {
        if (!batch.done) {
            batch.done = true;
            host.failed(batch, reason);
        }
    }

    private GqException late(ProducerBatch batch) {
        GqException last = knownTrouble();
        ErrorCode code = last.retriable() ? last.code() : ErrorCode.BROKER_UNAVAILABLE;
        return new GqException(code, lateText(batch) + "; certainly not appended", last).atDeadline();
    }

    /** What the metadata say is wrong with the partition tells more than how the last try to reach its last leader ended. */
    private GqException knownTrouble() {
        return host.view()
                .partition(tp)
                .flatMap(partition -> Optional.ofNullable(partition.trouble()))
                .orElse(lastTrouble);
    }

    private String lateText(ProducerBatch batch) {
        return "record for " + tp + ": not acknowledged within " + batch.timeoutNanos / 1_000_000 + " ms; last: "
                + knownTrouble().code() + ": " + knownTrouble().getMessage();
    }

    private GqException unknown(ProducerBatch batch, @Nullable String why) {
        return new GqException(
                ErrorCode.OUTCOME_UNKNOWN,
                "batch of " + batch.recordsCount() + " for " + tp + ": sent and not answered, may be appended; " + why);
    }
}
