package io.gq.client.consumer;

import io.gq.client.BrokerAddress;
import io.gq.client.GqException;
import io.gq.client.internal.Calls;
import io.gq.client.internal.ClientRuntime;
import io.gq.client.internal.ClusterView;
import io.gq.client.internal.Errors;
import io.gq.client.internal.Futures;
import io.gq.client.internal.PartitionView;
import io.gq.client.internal.ReadLevels;
import io.gq.client.internal.TopicView;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.service.FetchService.At;
import io.gq.core.service.ReadLevel;
import io.gq.proto.v1.FetchPartition;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.FetchResponse;
import io.gq.proto.v1.FetchedPartition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps chunks ready for a consumer: one fetch at a time is under way to each broker, for all partitions read there that have room.
 * What cannot be reached is turned away from and tried again. Its monitor guards the partitions; safe for use by many threads.
 */
final class Fetcher {

    private static final Logger LOG = LoggerFactory.getLogger(Fetcher.class);
    private static final Duration LOOKUP_TIMEOUT = Duration.ofSeconds(30);
    /** How long a broker may wait where another partition read there is only full for the moment. */
    private static final int WAIT_FULL_MS = 10;
    /** How long a broker may wait while another partition looks for where to be read. */
    private static final int WAIT_PENDING_MS = 100;

    private static final int CORRUPTIONS_MAX = 3;

    private final ClientRuntime runtime;
    private final ConsumerConfig config;
    private final PartitionFetch.Choice choice;
    private final Map<TopicPartition, PartitionFetch> partitions = new LinkedHashMap<>();
    private final Map<Integer, FetchCall> underWay = new HashMap<>();
    private final Deque<Chunk> ready = new ArrayDeque<>();
    private final Runnable metadataListener = this::metadataChanged;
    private boolean interrupted;
    private boolean closed;
    private int rotation;

    Fetcher(ClientRuntime runtime, ConsumerConfig config) {
        this.runtime = runtime;
        this.config = config;
        boolean leaderOnly = config.level() == ReadLevel.LEADER;
        this.choice = new PartitionFetch.Choice(
                leaderOnly,
                config.followerReads() && !leaderOnly,
                runtime.outside().random().nextInt(1 << 16));
        runtime.metadata().listen(metadataListener);
    }

    /** The partitions to be read; those assigned before keep their place, new ones begin at {@code start}. */
    synchronized void assign(Set<TopicPartition> wanted, At start) {
        partitions.keySet().removeIf(tp -> !wanted.contains(tp));
        ready.removeIf(chunk -> !partitions.containsKey(chunk.topicPartition()));
        for (TopicPartition tp : wanted) {
            runtime.metadata().track(tp.topic());
            partitions.computeIfAbsent(tp, t -> {
                PartitionFetch added = new PartitionFetch(t, runtime.newBackoff());
                added.notBeforeNanos = now();
                added.seek(-1, start);
                return added;
            });
        }
        pump();
    }

    synchronized Set<TopicPartition> assignment() {
        return Set.copyOf(partitions.keySet());
    }

    synchronized void seek(TopicPartition tp, long offset, @Nullable At at) {
        PartitionFetch partition = assigned(tp);
        partition.seek(offset, at);
        partition.bufferedBytes = 0;
        interruptFetch(partition);
        ready.removeIf(chunk -> chunk.partition == partition);
        partition.notBeforeNanos = now();
        pump();
    }

    synchronized long position(TopicPartition tp) {
        PartitionFetch partition = assigned(tp);
        GqException failure = partition.failure;
        if (failure != null) {
            throw failure;
        }
        return partition.position;
    }

    synchronized long highWatermark(TopicPartition tp) {
        return assigned(tp).highWatermarkSeen;
    }

    /**
     * The next chunk, waiting for one for at most so long; null where none came, or the wait was interrupted.
     *
     * @throws GqException where a partition cannot be read on
     */
    synchronized @Nullable Chunk take(long waitNanos) throws InterruptedException {
        long deadline = now() + waitNanos;
        pump();
        while (true) {
            Chunk chunk = ready.poll();
            if (chunk != null) {
                if (!stale(chunk)) {
                    return chunk;
                }
                continue;
            }
            for (PartitionFetch partition : partitions.values()) {
                GqException failure = partition.failure;
                if (failure != null) {
                    throw failure;
                }
            }
            long left = deadline - now();
            if (left <= 0 || interrupted || closed) {
                interrupted = false;
                return null;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    synchronized boolean stale(Chunk chunk) {
        return chunk.seeks != chunk.partition.seeks || partitions.get(chunk.topicPartition()) != chunk.partition;
    }

    /** The chunk was read to its end. */
    synchronized void finished(Chunk chunk) {
        if (!stale(chunk)) {
            PartitionFetch partition = chunk.partition;
            partition.bufferedBytes -= chunk.bytes;
            partition.position = Math.max(partition.position, chunk.nextOffset);
            partition.corruptions = 0;
            pump();
        }
    }

    /** The chunk is damaged: it is fetched again from where the consumer is, from another replica where there is one. */
    synchronized void damaged(Chunk chunk, GqException reason) {
        PartitionFetch partition = chunk.partition;
        if (stale(chunk)) {
            return;
        }
        int corruptions = partition.corruptions + 1;
        LOG.warn(
                "damaged batch partition={} offset={} tries={} reason={}",
                partition.topicPartition,
                partition.position,
                corruptions,
                reason.getMessage());
        partition.seek(partition.position, null);
        partition.bufferedBytes = 0;
        interruptFetch(partition);
        partition.corruptions = corruptions;
        ready.removeIf(other -> other.partition == partition);
        if (corruptions >= CORRUPTIONS_MAX) {
            partition.failure = reason;
        } else {
            trouble(partition, reason);
        }
        pump();
    }

    /** The position, waiting for at most so long while it is being looked up; -1 where it is not known then. */
    synchronized long awaitPosition(TopicPartition tp, long waitNanos) throws InterruptedException {
        long deadline = now() + waitNanos;
        while (position(tp) < 0 && deadline - now() > 0 && !closed) {
            TimeUnit.NANOSECONDS.timedWait(this, deadline - now());
        }
        return position(tp);
    }

    /** Makes a waiting {@link #take} return. */
    synchronized void interrupt() {
        interrupted = true;
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        runtime.metadata().unlisten(metadataListener);
        partitions.clear();
        ready.clear();
        notifyAll();
    }

    /** What is being asked of a leader that was replaced is asked of the new one at once: the old one may be silent. */
    private synchronized void metadataChanged() {
        ClusterView view = runtime.metadata().view();
        for (PartitionFetch partition : List.copyOf(partitions.values())) {
            PartitionView known = view.partition(partition.topicPartition).orElse(null);
            if (known != null && partition.leaderReplaced(known)) {
                partition.notBeforeNanos = now();
                FetchCall call = partition.fetch;
                if (call != null && partition.askedLeader(call.node)) {
                    interruptFetch(partition);
                }
            }
        }
        pump();
    }

    /** Sends every fetch that can be sent. */
    private synchronized void pump() {
        if (closed) {
            return;
        }
        lookUp();
        Map<Integer, List<PartitionFetch>> byNode = new HashMap<>();
        Set<Integer> full = new HashSet<>();
        boolean pending = false;
        for (PartitionFetch partition : List.copyOf(partitions.values())) {
            if (partition.fetch != null || partition.failure != null) {
                continue;
            }
            int node = partition.fetchOffset < 0 ? 0 : nodeOf(partition);
            if (node == 0 || now() - partition.notBeforeNanos < 0) {
                pending = true;
            } else if (partition.bufferedBytes >= 2 * config.partitionBytes()) {
                full.add(node);
            } else {
                byNode.computeIfAbsent(node, n -> new ArrayList<>()).add(partition);
            }
        }
        int waitMs = (int) Math.min(Integer.MAX_VALUE, config.fetchWait().toMillis());
        int calmMs = pending ? Math.min(WAIT_PENDING_MS, waitMs) : waitMs;
        byNode.forEach((node, list) -> {
            FetchCall present = underWay.get(node);
            if (present != null && present.waitMs > WAIT_PENDING_MS) {
                for (PartitionFetch freed : present.interrupt()) { // it may wait for long, and not for these
                    if (partitions.get(freed.topicPartition) == freed) {
                        list.add(freed);
                    }
                }
                underWay.remove(node);
                present = null;
            }
            if (present == null) {
                fetch(node, list, full.contains(node) ? Math.min(WAIT_FULL_MS, calmMs) : calmMs);
            }
        });
    }

    /** The partition is read elsewhere now: the fetch it takes part in must not keep it. */
    private void interruptFetch(PartitionFetch partition) {
        FetchCall call = partition.fetch;
        if (call != null) {
            call.interrupt();
            underWay.remove(call.node, call);
        }
    }

    private int nodeOf(PartitionFetch partition) {
        ClusterView view = runtime.metadata().view();
        TopicPartition tp = partition.topicPartition;
        TopicView topic = view.topics().get(tp.topic());
        PartitionView known = view.partition(tp).orElse(null);
        boolean tooEarly = now() - partition.notBeforeNanos < 0;
        if (topic == null && view.missing().contains(tp.topic())) {
            fail(
                    partition,
                    new GqException(ErrorCode.UNKNOWN_TOPIC, "topic: " + tp.topic() + " (expected: one that exists)"));
            return 0;
        }
        if (topic != null && partition.topicId == null) {
            partition.topicId = topic.id();
        } else if (topic != null && !topic.id().equals(partition.topicId)) {
            fail(
                    partition,
                    new GqException(
                            ErrorCode.UNKNOWN_TOPIC_ID, "topic: " + tp.topic() + " was deleted and made again"));
            return 0;
        }
        int node = known == null ? 0 : partition.node(known, view.alive(), choice);
        if (node == 0 && !tooEarly) {
            trouble(
                    partition,
                    new GqException(ErrorCode.LEADER_NOT_AVAILABLE, "replica of " + tp + ": none to read from"));
        }
        return node;
    }

    private void fetch(int node, List<PartitionFetch> wanted, int waitMs) {
        Optional<BrokerAddress> address = runtime.metadata().view().address(node);
        if (address.isEmpty()) {
            GqException reason =
                    new GqException(ErrorCode.BROKER_UNAVAILABLE, "broker " + node + ": address not known");
            wanted.forEach(partition -> trouble(partition, reason));
            return;
        }
        Collections.rotate(wanted, rotation++ % wanted.size());
        FetchRequest.Builder request = FetchRequest.newBuilder()
                .setMaxWaitMs(waitMs)
                .setMinBytes(config.fetchBytesMin())
                .setMaxBytes(config.fetchBytes())
                .setReadLevel(ReadLevels.toWire(config.level()));
        FetchCall call = new FetchCall(node, waitMs, wanted);
        wanted.forEach(partition -> {
            partition.fetch = call;
            request.addPartitions(query(partition));
        });
        underWay.put(node, call);
        Duration timeout = runtime.config().requestTimeout().plusMillis(waitMs);
        CompletableFuture<FetchResponse> answer = runtime.connections()
                .to(address.get())
                .thenCompose(c -> call.began(Calls.unary(c.channel(), Calls.FETCH, request.build(), timeout)));
        Futures.whenDone(
                answer,
                (response, failure) -> runtime.loop().execute(() -> {
                    GqException reason =
                            failure == null ? null : Errors.fromCall("fetch from " + address.get(), failure);
                    answered(call, response, reason);
                }));
    }

    private FetchPartition query(PartitionFetch partition) {
        TopicView topic = runtime.metadata().view().topics().get(partition.topicPartition.topic());
        FetchPartition.Builder query = FetchPartition.newBuilder()
                .setPartition(partition.topicPartition.partition())
                .setOffset(partition.fetchOffset)
                .setMaxBytes(config.partitionBytes())
                .setHighWatermarkSeen(partition.highWatermarkSeen);
        if (topic != null) {
            query.setTopic(topic.ref());
        }
        return query.build();
    }

    private synchronized void answered(FetchCall call, @Nullable FetchResponse answer, @Nullable GqException failure) {
        underWay.remove(call.node, call);
        for (int i = 0; i < call.partitions.size(); i++) {
            PartitionFetch partition = call.partitions.get(i);
            boolean current = partition.fetch == call;
            partition.fetch = current ? null : partition.fetch;
            if (!current || partitions.get(partition.topicPartition) != partition) {
                continue;
            }
            if (answer == null || i >= answer.getPartitionsCount()) {
                trouble(
                        partition,
                        failure == null
                                ? new GqException(
                                        ErrorCode.INTERNAL, "fetch: no answer for " + partition.topicPartition)
                                : failure);
            } else if (answer.getPartitions(i).hasError()) {
                refused(partition, call.node, answer.getPartitions(i));
            } else {
                fetched(partition, answer.getPartitions(i));
            }
        }
        pump();
        notifyAll();
    }

    private void fetched(PartitionFetch partition, FetchedPartition answer) {
        partition.highWatermarkSeen = Math.max(partition.highWatermarkSeen, answer.getHighWatermark());
        partition.backoff.reset();
        long next = Math.max(partition.fetchOffset, answer.getNextOffset());
        boolean moved = next > partition.fetchOffset;
        if (moved || !answer.getBatches().isEmpty()) {
            Chunk chunk =
                    new Chunk(partition, partition.seeks, answer.getBatches().asReadOnlyByteBuffer(), next);
            partition.bufferedBytes += chunk.bytes;
            partition.fetchOffset = next;
            ready.add(chunk);
        }
    }

    private void refused(PartitionFetch partition, int node, FetchedPartition answer) {
        GqException reason = Errors.fromWire(answer.getError());
        if (answer.getError().hasLeader()) {
            runtime.metadata().hint(partition.topicPartition, answer.getError().getLeader());
        }
        if (reason.code() == ErrorCode.OFFSET_OUT_OF_RANGE) {
            outOfRange(partition, node, reason);
        } else if (reason.retriable()
                || reason.outcomeUnknown()
                || reason.code().kind() == ErrorCode.Kind.NOT_FOUND) {
            trouble(partition, reason);
        } else {
            fail(partition, reason);
        }
    }

    /** Only the leader is believed: a follower may lag. */
    private void outOfRange(PartitionFetch partition, int node, GqException reason) {
        int leader = runtime.metadata()
                .view()
                .partition(partition.topicPartition)
                .map(PartitionView::leader)
                .orElse(0);
        if (node != leader && leader != 0) {
            trouble(partition, reason);
        } else if (partition.bufferedBytes > 0) {
            partition.notBeforeNanos = now() + partition.backoff.nextNanos(); // what is here is read first
            wakeLater(partition);
        } else if (config.reset() == OffsetReset.FAIL) {
            fail(partition, reason);
        } else {
            LOG.warn(
                    "offset out of range partition={} offset={} goOnAt={}",
                    partition.topicPartition,
                    partition.fetchOffset,
                    config.reset());
            partition.seek(-1, config.reset() == OffsetReset.EARLIEST ? new At.Earliest() : new At.Latest());
        }
    }

    private void fail(PartitionFetch partition, GqException reason) {
        partition.failure = reason;
        notifyAll();
    }

    private void trouble(PartitionFetch partition, GqException reason) {
        LOG.debug(
                "fetch trouble partition={} code={} reason={}",
                partition.topicPartition,
                reason.code(),
                reason.getMessage());
        partition.turnAway();
        long wait = Math.max(partition.backoff.nextNanos(), reason.retryAfter().toNanos());
        partition.notBeforeNanos = now() + wait;
        runtime.metadata().requestRefresh();
        wakeLater(partition);
    }

    private void wakeLater(PartitionFetch partition) {
        long wait = Math.max(1_000_000, partition.notBeforeNanos - now());
        runtime.loop().after(Duration.ofNanos(wait), this::pump);
    }

    private void lookUp() {
        Map<TopicPartition, At> wanted = new HashMap<>();
        Map<TopicPartition, Integer> seeks = new HashMap<>();
        for (PartitionFetch partition : partitions.values()) {
            At at = partition.seekTo;
            if (at != null && !partition.lookingUp && partition.failure == null) {
                partition.lookingUp = true;
                wanted.put(partition.topicPartition, at);
                seeks.put(partition.topicPartition, partition.seeks);
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        Map<TopicPartition, CompletableFuture<FoundOffset>> found =
                OffsetLookup.start(runtime, wanted, config.level(), LOOKUP_TIMEOUT);
        found.forEach((tp, future) -> {
            PartitionFetch partition = assigned(tp);
            int asOf = seeks.getOrDefault(tp, -1);
            Futures.whenDone(future, (offset, failure) -> lookedUp(partition, asOf, offset, failure));
        });
    }

    private void lookedUp(
            PartitionFetch partition, int asOf, @Nullable FoundOffset offset, @Nullable Throwable failure) {
        synchronized (this) {
            partition.lookingUp = false;
            if (partition.seeks != asOf) {
                // a later seek decides
            } else if (offset != null) {
                partition.seekTo = null;
                partition.position = offset.offset();
                partition.fetchOffset = offset.offset();
            } else if (failure != null) {
                fail(partition, Errors.fromCall("list offsets of " + partition.topicPartition, failure));
            }
            notifyAll();
        }
        runtime.loop().execute(this::pump); // once, after all that were found by the same answer
    }

    private PartitionFetch assigned(TopicPartition tp) {
        PartitionFetch partition = partitions.get(tp);
        if (partition == null) {
            throw new IllegalArgumentException("partition: " + tp + " (expected: one of those assigned)");
        }
        return partition;
    }

    private long now() {
        return runtime.outside().nanoTime().getAsLong();
    }
}
