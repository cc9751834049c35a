package io.gq.broker.service;

import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.host.HostedPartition;
import io.gq.core.BrokerException;
import io.gq.core.replication.Leadership;
import io.gq.core.service.FetchService;
import io.gq.core.service.Principal;
import io.gq.core.service.ReadLevel;
import io.gq.core.service.TopicSpec;
import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Reads from the replicas hosted here, up to their high watermarks, without asking Raft unless the reader wants linearizability. */
public final class PartitionFetchService implements FetchService {

    private final Router router;
    private final Scheduler scheduler;
    private final Executor reads;
    private final Duration barrierTimeout;

    /**
     * @param reads runs reads after a wait; may touch disks
     * @param barrierTimeout bounds the ReadIndex round of a linearizable read
     */
    public PartitionFetchService(Router router, Scheduler scheduler, Executor reads, Duration barrierTimeout) {
        this.router = router;
        this.scheduler = scheduler;
        this.reads = reads;
        this.barrierTimeout = barrierTimeout;
    }

    @Override
    public CompletableFuture<List<Fetched>> fetch(Principal principal, FetchQuery query) {
        List<CompletableFuture<HostedPartition>> replicas = query.partitions().stream()
                .map(q -> readable(q.topic(), q.partition(), query.level()))
                .toList();
        return CompletableFuture.allOf(replicas.toArray(CompletableFuture[]::new))
                .handle((done, failure) -> null)
                .thenCompose(ignored -> new LongPoll(query, replicas, scheduler, reads).start());
    }

    @Override
    public CompletableFuture<List<Listed>> listOffsets(
            Principal principal, List<OffsetQuery> queries, ReadLevel level) {
        List<CompletableFuture<Listed>> answers = queries.stream()
                .map(q -> readable(q.topic(), q.partition(), level)
                        .thenApplyAsync(replica -> listed(replica, q.at()), reads)
                        .exceptionally(e -> new Listed(-1, -1, 0, ErrorMapping.toBrokerException(e))))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    List<Listed> result = new ArrayList<>(answers.size());
                    answers.forEach(a -> result.add(a.join()));
                    return result;
                });
    }

    /** The replica to read from, once it may answer at that level. */
    private CompletableFuture<HostedPartition> readable(TopicSpec topic, int partition, ReadLevel level) {
        try {
            HostedPartition replica =
                    level == ReadLevel.LEADER ? router.leader(topic, partition) : router.replica(topic, partition);
            replica.checkServing();
            return level == ReadLevel.LINEARIZABLE
                    ? replica.group().readBarrier(barrierTimeout).thenApply(done -> replica)
                    : CompletableFuture.completedFuture(replica);
        } catch (BrokerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Listed listed(HostedPartition replica, At at) {
        Leadership leadership = replica.group().leadership();
        if (at instanceof At.Earliest) {
            return new Listed(replica.view().logStartOffset(), -1, leadership.term(), null);
        }
        if (at instanceof At.Latest) {
            return new Listed(replica.view().highWatermark(), -1, leadership.term(), null);
        }
        long timestampMs = ((At.Timestamp) at).timestampMs();
        return replica.view()
                .offsetForTimestamp(timestampMs)
                .map(found -> new Listed(found.offset(), found.timestampMs(), leadership.term(), null))
                .orElseGet(() -> new Listed(replica.view().highWatermark(), -1, leadership.term(), null));
    }
}
