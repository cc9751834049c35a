package io.gq.broker.service;

import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.host.HostedPartition;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import io.gq.core.service.FetchService.FetchQuery;
import io.gq.core.service.FetchService.Fetched;
import io.gq.core.service.FetchService.PartitionQuery;
import io.gq.core.time.Scheduler;
import io.gq.partition.log.Slice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One fetch: reads what is there; where that is less than the reader wants, waits for a commit on any of its partitions or for the
 * time to pass, and reads again.
 */
final class LongPoll {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final FetchQuery query;
    private final List<CompletableFuture<HostedPartition>> replicas;
    private final Scheduler scheduler;
    private final Executor reads;
    private final CompletableFuture<List<Fetched>> done = new CompletableFuture<>();
    private final Runnable waiter = this::look;
    private final AtomicBoolean roundDue = new AtomicBoolean();
    private volatile boolean expired;

    /** @param replicas in the order of the query's partitions; all complete */
    LongPoll(FetchQuery query, List<CompletableFuture<HostedPartition>> replicas, Scheduler scheduler, Executor reads) {
        this.query = query;
        this.replicas = replicas;
        this.scheduler = scheduler;
        this.reads = reads;
        this.expired = query.waitMax().isZero();
    }

    CompletableFuture<List<Fetched>> start() {
        if (answered()) {
            return done;
        }
        Scheduler.Cancellable timer = scheduler.after(query.waitMax(), this::expire);
        forEachReplica(replica -> replica.waiters().add(waiter));
        CompletableFuture<?> unused = done.whenComplete((r, e) -> {
            timer.cancel();
            forEachReplica(replica -> replica.waiters().remove(waiter));
        });
        // A commit between the read and the registration has woken nobody.
        answered();
        return done;
    }

    private void expire() {
        expired = true;
        look();
    }

    /** Reads once more, soon: once for all commits until then. */
    private void look() {
        if (!done.isDone() && roundDue.compareAndSet(false, true)) {
            reads.execute(() -> {
                roundDue.set(false);
                answered();
            });
        }
    }

    private boolean answered() {
        if (done.isDone()) {
            return true;
        }
        List<Fetched> fetched = new ArrayList<>(replicas.size());
        int bytes = 0;
        boolean trouble = false;
        for (int i = 0; i < replicas.size(); i++) {
            Fetched one =
                    read(query.partitions().get(i), replicas.get(i), Math.max(0, query.bytesMax() - bytes), bytes == 0);
            bytes += one.batches().remaining();
            trouble |= one.error() != null;
            fetched.add(one);
        }
        if (trouble || expired || bytes >= Math.max(1, query.bytesMin())) {
            done.complete(fetched);
            return true;
        }
        return false;
    }

    private Fetched read(
            PartitionQuery wanted, CompletableFuture<HostedPartition> replica, int bytesLeft, boolean first) {
        try {
            return read(wanted, replica.join(), bytesLeft, first);
        } catch (RuntimeException e) {
            return refused(ErrorMapping.toBrokerException(e), -1, -1, wanted.offset());
        }
    }

    private Fetched read(PartitionQuery wanted, HostedPartition replica, int bytesLeft, boolean first) {
        replica.checkServing();
        long logStart = replica.view().logStartOffset();
        long highWatermark = replica.view().highWatermark();
        if (wanted.offset() < logStart) {
            return refused(outOfRange(wanted, replica), highWatermark, logStart, wanted.offset());
        }
        if (wanted.offset() > highWatermark || wanted.highWatermarkSeen() > highWatermark) {
            return behind(wanted, replica, highWatermark, logStart);
        }
        if (wanted.offset() == highWatermark || (bytesLeft == 0 && !first)) {
            return new Fetched(NOTHING, highWatermark, logStart, wanted.offset(), null);
        }
        Slice slice = replica.view().read(wanted.offset(), Math.min(wanted.bytesMax(), bytesLeft));
        return wanted.recordsMax() == 0 ? fetched(slice) : limited(slice, wanted.recordsMax());
    }

    private static Fetched fetched(Slice slice) {
        return new Fetched(slice.batches(), slice.highWatermark(), slice.logStartOffset(), slice.nextOffset(), null);
    }

    /** Whole batches until the records wanted are reached. */
    private static Fetched limited(Slice slice, int recordsMax) {
        long records = 0;
        int end = slice.batches().position();
        for (RecordBatch batch : RecordBatches.in(slice.batches())) {
            end += batch.sizeInBytes();
            records += batch.recordsCount();
            if (records >= recordsMax) {
                ByteBuffer batches = slice.batches().duplicate().limit(end);
                return new Fetched(batches, slice.highWatermark(), slice.logStartOffset(), batch.nextOffset(), null);
            }
        }
        return fetched(slice);
    }

    /** The reader knows of more than this replica does: it waits, unless this replica is the one that must know. */
    private Fetched behind(PartitionQuery wanted, HostedPartition replica, long highWatermark, long logStart) {
        if (wanted.offset() > replica.view().logEndOffset() && replica.leadsReady()) {
            return refused(outOfRange(wanted, replica), highWatermark, logStart, wanted.offset());
        }
        if (expired && !replica.leadsReady()) {
            return refused(
                    new BrokerException(
                            ErrorCode.REPLICA_BEHIND,
                            "high watermark of " + replica.name() + " on this replica: " + highWatermark
                                    + " (expected: >= " + Math.max(wanted.offset(), wanted.highWatermarkSeen()) + ")"),
                    highWatermark,
                    logStart,
                    wanted.offset());
        }
        return new Fetched(NOTHING, highWatermark, logStart, wanted.offset(), null);
    }

    private static BrokerException outOfRange(PartitionQuery wanted, HostedPartition replica) {
        return new BrokerException(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                "offset: " + wanted.offset() + " of " + replica.name() + " (expected: "
                        + replica.view().logStartOffset() + " to "
                        + replica.view().highWatermark() + ")");
    }

    private static Fetched refused(BrokerException error, long highWatermark, long logStart, long offset) {
        return new Fetched(NOTHING, highWatermark, logStart, offset, error);
    }

    private void forEachReplica(java.util.function.Consumer<HostedPartition> action) {
        for (CompletableFuture<HostedPartition> replica : replicas) {
            if (!replica.isCompletedExceptionally()) {
                action.accept(replica.join());
            }
        }
    }
}
