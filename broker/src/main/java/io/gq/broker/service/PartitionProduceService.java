package io.gq.broker.service;

import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.host.HostedPartition;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.record.RecordBatches;
import io.gq.core.service.Principal;
import io.gq.core.service.ProduceService;
import io.gq.core.service.TopicSpec;
import io.gq.core.time.Scheduler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Appends to the partitions led here. */
public final class PartitionProduceService implements ProduceService {

    private final Router router;
    private final DiskRoom room;
    private final BooleanSupplier stopping;
    private final Scheduler scheduler;

    public PartitionProduceService(Router router, DiskRoom room, BooleanSupplier stopping, Scheduler scheduler) {
        this.router = router;
        this.room = room;
        this.stopping = stopping;
        this.scheduler = scheduler;
    }

    @Override
    public CompletableFuture<Produced> produce(
            Principal principal, TopicSpec topic, int partition, ByteBuffer batch, Duration timeout) {
        HostedPartition replica;
        try {
            replica = router.leader(topic, partition);
            Optional<String> noRoom = room.refusal(
                    replica.name(),
                    () -> Router.partition(router.topic(topic), partition).replicas());
            if (noRoom.isPresent()) {
                throw new BrokerException(ErrorCode.DISK_FULL, noRoom.get());
            }
            RecordBatches.checkProduced(batch, replica.messageBytesMax());
        } catch (BrokerException e) {
            return CompletableFuture.failedFuture(stopping.getAsBoolean() ? stoppingInstead(e) : e);
        }
        CompletableFuture<Produced> produced = new CompletableFuture<>();
        Scheduler.Cancellable timer = scheduler.after(
                timeout, () -> produced.completeExceptionally(late(replica, topic, partition, timeout)));
        CompletableFuture<?> unused = replica.appender().append(batch).whenComplete((appended, failure) -> {
            timer.cancel();
            if (failure != null) {
                produced.completeExceptionally(ErrorMapping.toBrokerException(failure));
            } else {
                produced.complete(new Produced(
                        appended.baseOffset(),
                        appended.term(),
                        appended.logAppendTimeMs(),
                        replica.view().logStartOffset(),
                        appended.duplicate()));
            }
        });
        return produced;
    }

    private BrokerException late(HostedPartition replica, TopicSpec topic, int partition, Duration timeout) {
        List<NodeId> missing = router.missing(Router.partition(router.topic(topic), partition));
        return new BrokerException(
                ErrorCode.TIMEOUT,
                replica.name() + ": not committed within " + timeout.toMillis() + " ms; replicas missing: "
                        + (missing.isEmpty() ? "none" : "nodes " + missing) + " (expected: a majority that answers)");
    }

    private static BrokerException stoppingInstead(BrokerException e) {
        return e.code().retriable() && e.code() != ErrorCode.NOT_LEADER
                ? new BrokerException(ErrorCode.SHUTTING_DOWN, e.getMessage(), e)
                : e;
    }
}
