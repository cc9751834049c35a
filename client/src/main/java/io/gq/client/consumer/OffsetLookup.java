package io.gq.client.consumer;

import io.gq.client.BrokerAddress;
import io.gq.client.GqException;
import io.gq.client.internal.Backoff;
import io.gq.client.internal.Calls;
import io.gq.client.internal.ClientRuntime;
import io.gq.client.internal.Errors;
import io.gq.client.internal.Futures;
import io.gq.client.internal.PartitionView;
import io.gq.client.internal.ReadLevels;
import io.gq.client.internal.TopicView;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.service.FetchService.At;
import io.gq.core.service.ReadLevel;
import io.gq.proto.v1.ListOffsetsPartition;
import io.gq.proto.v1.ListOffsetsRequest;
import io.gq.proto.v1.ListOffsetsResponse;
import io.gq.proto.v1.ListedOffset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks offsets up at the leaders of their partitions, one request a broker, again while that may help and time is left. Runs on
 * the client's loop.
 */
final class OffsetLookup {

    private final ClientRuntime runtime;
    private final ReadLevel level;
    private final long deadlineNanos;
    private final Duration timeout;
    private final Backoff backoff;
    private final Map<TopicPartition, At> open = new LinkedHashMap<>();
    private final Map<TopicPartition, CompletableFuture<FoundOffset>> results = new HashMap<>();
    private GqException lastTrouble = new GqException(ErrorCode.BROKER_UNAVAILABLE, "brokers: none answered");
    private int underWay;

    private OffsetLookup(ClientRuntime runtime, Map<TopicPartition, At> wanted, ReadLevel level, Duration timeout) {
        this.runtime = runtime;
        this.level = level;
        this.timeout = timeout;
        this.deadlineNanos = now() + timeout.toNanos();
        this.backoff = runtime.newBackoff();
        open.putAll(wanted);
        wanted.keySet().forEach(tp -> results.put(tp, new CompletableFuture<>()));
    }

    /** One future a partition, each completed on the client's loop, or failed with a {@link GqException}. */
    static Map<TopicPartition, CompletableFuture<FoundOffset>> start(
            ClientRuntime runtime, Map<TopicPartition, At> wanted, ReadLevel level, Duration timeout) {
        OffsetLookup lookup = new OffsetLookup(runtime, wanted, level, timeout);
        Map<TopicPartition, CompletableFuture<FoundOffset>> futures = Map.copyOf(lookup.results);
        runtime.loop().execute(lookup::round);
        return futures;
    }

    private void round() {
        Map<Integer, List<TopicPartition>> byNode = new HashMap<>();
        for (TopicPartition tp : List.copyOf(open.keySet())) {
            TopicView topic = runtime.metadata().view().topics().get(tp.topic());
            PartitionView view = runtime.metadata().view().partition(tp).orElse(null);
            if (topic != null && view == null) {
                fail(
                        tp,
                        new GqException(
                                ErrorCode.UNKNOWN_PARTITION,
                                "partition of " + tp.topic() + ": " + tp.partition() + " (expected: 0 to "
                                        + (topic.partitions().size() - 1) + ")"));
            } else if (topic == null && runtime.metadata().view().missing().contains(tp.topic())) {
                fail(
                        tp,
                        new GqException(
                                ErrorCode.UNKNOWN_TOPIC, "topic: " + tp.topic() + " (expected: one that exists)"));
            } else if (view == null || node(view) == 0) {
                runtime.metadata().track(tp.topic());
                lastTrouble = new GqException(ErrorCode.LEADER_NOT_AVAILABLE, "leader of " + tp + ": none known");
            } else {
                byNode.computeIfAbsent(node(view), n -> new ArrayList<>()).add(tp);
            }
        }
        underWay = byNode.size();
        byNode.forEach(this::ask);
        if (underWay == 0) {
            roundDone();
        }
    }

    /** The leader; without one, any replica that is alive, where the level allows. */
    private int node(PartitionView view) {
        if (view.leader() != 0 || level != ReadLevel.COMMITTED) {
            return view.leader();
        }
        return view.replicas().stream()
                .filter(runtime.metadata().view().alive()::contains)
                .findFirst()
                .orElse(0);
    }

    private void ask(int node, List<TopicPartition> partitions) {
        BrokerAddress address = runtime.metadata().view().address(node).orElse(null);
        if (address == null) {
            answered(
                    partitions,
                    null,
                    new GqException(ErrorCode.BROKER_UNAVAILABLE, "broker " + node + ": address not known"));
            return;
        }
        ListOffsetsRequest.Builder request = ListOffsetsRequest.newBuilder().setReadLevel(ReadLevels.toWire(level));
        for (TopicPartition tp : partitions) {
            request.addPartitions(query(tp));
        }
        Futures.whenDone(
                runtime.connections()
                        .to(address)
                        .thenCompose(connection -> Calls.unary(
                                connection.channel(),
                                Calls.LIST_OFFSETS,
                                request.build(),
                                runtime.config().requestTimeout())),
                (answer, failure) -> runtime.loop()
                        .execute(() -> answered(
                                partitions,
                                answer,
                                failure == null ? null : Errors.fromCall("list offsets at " + address, failure))));
    }

    private ListOffsetsPartition query(TopicPartition tp) {
        TopicView topic = runtime.metadata().view().topics().get(tp.topic());
        ListOffsetsPartition.Builder query = ListOffsetsPartition.newBuilder().setPartition(tp.partition());
        if (topic != null) {
            query.setTopic(topic.ref());
        }
        At at = open.get(tp);
        if (at instanceof At.Timestamp time) {
            query.setTimestampMs(time.timestampMs());
        } else if (at instanceof At.Latest) {
            query.setLatest(true);
        } else {
            query.setEarliest(true);
        }
        return query.build();
    }

    private void answered(
            List<TopicPartition> partitions, @Nullable ListOffsetsResponse answer, @Nullable GqException failure) {
        for (int i = 0; i < partitions.size(); i++) {
            TopicPartition tp = partitions.get(i);
            if (answer == null || i >= answer.getPartitionsCount()) {
                lastTrouble = failure == null
                        ? new GqException(ErrorCode.INTERNAL, "list offsets: no answer for " + tp)
                        : failure;
                continue;
            }
            ListedOffset listed = answer.getPartitions(i);
            if (!listed.hasError()) {
                found(tp, new FoundOffset(listed.getOffset(), listed.getTimestampMs()));
                continue;
            }
            GqException reason = Errors.fromWire(listed.getError());
            runtime.metadata().hint(tp, listed.getError().getLeader());
            boolean mayPass = reason.retriable()
                    || reason.outcomeUnknown()
                    || reason.code().kind() == ErrorCode.Kind.NOT_FOUND;
            if (mayPass) {
                lastTrouble = reason;
            } else {
                fail(tp, reason);
            }
        }
        underWay--;
        if (underWay <= 0) {
            roundDone();
        }
    }

    private void roundDone() {
        if (open.isEmpty()) {
            return;
        }
        long wait = backoff.nextNanos();
        if (now() + wait - deadlineNanos >= 0) {
            GqException late = new GqException(
                            lastTrouble.code(),
                            "offsets: not found within " + timeout.toMillis() + " ms; " + lastTrouble.getMessage(),
                            lastTrouble)
                    .atDeadline();
            List.copyOf(open.keySet()).forEach(tp -> fail(tp, late));
        } else {
            runtime.metadata().requestRefresh();
            runtime.loop().after(Duration.ofNanos(wait), this::round);
        }
    }

    private void found(TopicPartition tp, FoundOffset offset) {
        open.remove(tp);
        complete(tp).complete(offset);
    }

    private void fail(TopicPartition tp, GqException reason) {
        open.remove(tp);
        complete(tp).completeExceptionally(reason);
    }

    private CompletableFuture<FoundOffset> complete(TopicPartition tp) {
        return results.computeIfAbsent(tp, t -> new CompletableFuture<>());
    }

    private long now() {
        return runtime.outside().nanoTime().getAsLong();
    }
}
