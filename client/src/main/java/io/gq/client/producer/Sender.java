package io.gq.client.producer;

import io.gq.client.GqException;
import io.gq.client.internal.AnyBroker;
import io.gq.client.internal.AnyBroker.CallFailed;
import io.gq.client.internal.Calls;
import io.gq.client.internal.ClientRuntime;
import io.gq.client.internal.ClusterView;
import io.gq.client.internal.Errors;
import io.gq.client.internal.Futures;
import io.gq.client.internal.LoopThread;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.time.Scheduler.Cancellable;
import io.gq.proto.v1.AllocateProducerIdRequest;
import io.gq.proto.v1.AllocateProducerIdResponse;
import io.gq.proto.v1.LeaderHint;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sending side of a producer: one {@link PartitionSender} a partition, one {@link BrokerLink} a broker, all on one loop. Only
 * {@link #wake}, {@link #abort} and {@link #close} may be called from other threads.
 */
final class Sender implements SenderHost {

    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
    private static final Duration IDENTITY_WAIT_MAX = Duration.ofSeconds(5);

    private final ClientRuntime runtime;
    private final ProducerConfig config;
    private final LoopThread loop;
    private final Executor callbacks;
    private final Done done;
    private final Consumer<GqException> onFatal;
    private final Map<PartitionQueue, PartitionSender> senders = new HashMap<>();
    private final Map<Integer, BrokerLink> links = new HashMap<>();
    private final Queue<PartitionQueue> woken = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakeScheduled = new AtomicBoolean();
    private final AtomicBoolean metadataScheduled = new AtomicBoolean();
    private final Runnable metadataListener = this::metadataChanged;
    private final Set<PartitionSender> wantIdentity = new LinkedHashSet<>();
    private boolean allocating;
    /** The one identity that partitions share until they have to take one of their own. */
    private @Nullable ProducerIdentity shared;

    private final Set<PartitionSender> usedShared = new LinkedHashSet<>();

    /** Told, on the loop, of a batch that holds its memory no more; before its futures complete. */
    @FunctionalInterface
    interface Done {
        void accept(ProducerBatch batch);
    }

    Sender(
            ClientRuntime runtime,
            ProducerConfig config,
            LoopThread loop,
            Executor callbacks,
            Done done,
            Consumer<GqException> onFatal) {
        this.runtime = runtime;
        this.config = config;
        this.loop = loop;
        this.callbacks = callbacks;
        this.done = done;
        this.onFatal = onFatal;
        runtime.metadata().listen(metadataListener);
    }

    /** The queue has something new. */
    void wake(PartitionQueue queue) {
        if (queue.woken.compareAndSet(false, true)) {
            woken.add(queue);
            if (wakeScheduled.compareAndSet(false, true)) {
                loop.execute(this::advanceWoken);
            }
        }
    }

    /** Fails everything. */
    void abort(GqException reason) {
        loop.execute(() -> senders.values().forEach(sender -> sender.abort(reason)));
    }

    void close() {
        runtime.metadata().unlisten(metadataListener);
        loop.execute(() -> links.values().forEach(BrokerLink::close));
    }

    private void advanceWoken() {
        wakeScheduled.set(false);
        for (PartitionQueue queue = woken.poll(); queue != null; queue = woken.poll()) {
            queue.woken.set(false);
            senders.computeIfAbsent(queue, this::newSender).advance();
        }
    }

    private PartitionSender newSender(PartitionQueue queue) {
        long timeoutNanos = runtime.config().requestTimeout().toNanos();
        return new PartitionSender(queue, this, config, timeoutNanos, runtime.newBackoff());
    }

    private void metadataChanged() {
        if (metadataScheduled.compareAndSet(false, true)) {
            loop.execute(() -> {
                metadataScheduled.set(false);
                List.copyOf(senders.values()).forEach(PartitionSender::metadataChanged);
            });
        }
    }

    @Override
    public long nowNanos() {
        return runtime.outside().nanoTime().getAsLong();
    }

    @Override
    public ClusterView view() {
        return runtime.metadata().view();
    }

    @Override
    public BrokerLink link(int node) {
        return links.computeIfAbsent(node, n -> new BrokerLink(n, runtime, loop));
    }

    @Override
    public void requestIdentity(PartitionSender sender) {
        ProducerIdentity first = shared;
        if (first != null && usedShared.add(sender)) {
            // At once: until it has one it would ask again, and be given a second.
            sender.identified(first);
            return;
        }
        wantIdentity.add(sender);
        if (!allocating) {
            allocating = true;
            allocate();
        }
    }

    private void allocate() {
        AnyBroker.Limits limits =
                new AnyBroker.Limits(IDENTITY_WAIT_MAX, runtime.config().requestTimeout());
        Futures.whenDone(
                runtime.metadata()
                        .anyBroker()
                        .call(
                                Calls.ALLOCATE_PRODUCER_ID,
                                AllocateProducerIdRequest.getDefaultInstance(),
                                answer -> answer.hasError() ? Errors.fromWire(answer.getError()) : null,
                                limits),
                (reply, failure) -> loop.execute(() -> {
                    allocating = false;
                    if (reply != null) {
                        allocated(reply.value());
                    } else {
                        Throwable cause = Errors.unwrap(failure);
                        notAllocated(
                                cause instanceof CallFailed failed
                                        ? failed.reason()
                                        : Errors.fromCall("allocate producer id", cause));
                    }
                }));
    }

    /** Partitions that never had one share an identity; one that has to renew gets its own. */
    private void allocated(AllocateProducerIdResponse answer) {
        ProducerIdentity identity = new ProducerIdentity(answer.getProducerId(), (short) answer.getProducerEpoch());
        List<PartitionSender> waiting = List.copyOf(wantIdentity);
        wantIdentity.clear();
        if (shared == null) {
            shared = identity;
        }
        boolean given = shared.equals(identity);
        boolean taken = false;
        for (PartitionSender sender : waiting) {
            if (given && usedShared.add(sender)) {
                sender.identified(identity);
            } else if (!given && !taken) {
                taken = true;
                LOG.info("producer identity renewed producerId={}", identity.id());
                sender.identified(identity);
            } else {
                requestIdentity(sender);
            }
        }
    }

    private void notAllocated(GqException reason) {
        List<PartitionSender> waiting = List.copyOf(wantIdentity);
        wantIdentity.clear();
        waiting.forEach(sender -> sender.notIdentified(reason));
    }

    @Override
    public void refreshMetadata() {
        runtime.metadata().requestRefresh();
    }

    @Override
    public void leaderHint(TopicPartition tp, LeaderHint hint) {
        runtime.metadata().hint(tp, hint);
    }

    @Override
    public Cancellable after(long nanos, Runnable task) {
        return loop.after(Duration.ofNanos(nanos), task);
    }

    @Override
    public void acknowledged(ProducerBatch batch, long baseOffset, long logAppendTimeMs) {
        done.accept(batch);
        callbacks.execute(() -> batch.acknowledge(baseOffset, logAppendTimeMs));
    }

    @Override
    public void failed(ProducerBatch batch, GqException reason) {
        LOG.debug(
                "batch failed partition={} records={} code={} reason={}",
                batch.topicPartition,
                batch.recordsCount(),
                reason.code(),
                reason.getMessage());
        done.accept(batch);
        callbacks.execute(() -> batch.fail(reason));
    }

    @Override
    public void fatal(GqException reason) {
        LOG.error("producer stopped code={} reason={}", ErrorCode.PRODUCER_FENCED, reason.getMessage());
        onFatal.accept(reason);
        abort(reason);
    }
}
