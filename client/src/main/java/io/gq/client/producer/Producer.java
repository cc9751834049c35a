package io.gq.client.producer;

import io.gq.client.GqException;
import io.gq.client.internal.ClientRuntime;
import io.gq.client.internal.Errors;
import io.gq.client.internal.LoopThread;
import io.gq.client.internal.TopicView;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.core.record.RecordLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Writes records. They are collected into batches, several batches of a partition are on their way at a time, and what fails for a
 * reason that passes is sent again, until it is acknowledged or its delivery timeout is over.
 *
 * <p>An idempotent producer (the default) neither duplicates nor reorders by sending again: the records of one partition stand in
 * the order of {@link #send}. A record whose future fails with {@link GqException#outcomeUnknown()} was sent and not answered: it
 * may be in the log, or appear there later. Every other failure means that it is not and will not be.
 *
 * <p>Safe for use by many threads. Callbacks attached to futures run on one thread of the producer: a slow one delays the others,
 * not the sending.
 */
public final class Producer implements AutoCloseable {

    /** What a topic takes where it does not say. */
    private static final int MESSAGE_BYTES_DEFAULT = 1 << 20;

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(30);

    private final ClientRuntime runtime;
    private final ProducerConfig config;
    private final BufferMemory memory;
    private final StickyRoundRobin sticky;
    private final LoopThread loop;
    private final ExecutorService callbacks;
    private final Sender sender;
    private final Map<TopicPartition, PartitionQueue> queues = new ConcurrentHashMap<>();
    private final Set<ProducerBatch> incomplete = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;
    private volatile @Nullable GqException ended;

    private Producer(ClientRuntime runtime, ProducerConfig config) {
        this.runtime = runtime;
        this.config = config;
        this.memory = new BufferMemory(config.bufferBytes());
        this.sticky = new StickyRoundRobin(runtime.outside().random());
        this.loop = new LoopThread(runtime.outside().threads().named("gq-producer"));
        this.callbacks = LoopThread.callbacks(runtime.outside().threads().named("gq-producer-callbacks"));
        this.sender =
                new Sender(runtime, config, loop, callbacks, batch -> memory.give(batch.reservedBytes()), this::end);
        runtime.adopt(this);
    }

    /**
     * Hands a record over. Waits only for room in the buffer and, before the first record of a topic, for its metadata; never
     * longer than {@link ProducerConfig#blockMax}.
     *
     * @return completes when the record is acknowledged: it is on the disks of a majority. Fails with {@link GqException}.
     */
    public CompletableFuture<RecordMetadata> send(ProducerRecord record) {
        try {
            return enqueue(record);
        } catch (GqException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Hands a record over and waits for its acknowledgement.
     *
     * @throws GqException where it failed
     */
    public RecordMetadata sendAndWait(ProducerRecord record) {
        try {
            return send(record).get();
        } catch (ExecutionException e) {
            throw Errors.fromCall("send to " + record.topic(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GqException(ErrorCode.OUTCOME_UNKNOWN, "send: interrupted while waiting", e);
        }
    }

    /** Sends what waits for company, and waits until every record handed over before this call is acknowledged or failed. */
    public void flush() {
        try {
            flushed().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // the futures of batches do not fail
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GqException(ErrorCode.OUTCOME_UNKNOWN, "flush: interrupted while waiting", e);
        }
    }

    /** Bytes of records handed over and not yet acknowledged or failed. */
    public long bufferedBytes() {
        return memory.used();
    }

    /** Closes with 30 s for what is still under way. */
    @Override
    public void close() {
        close(CLOSE_WAIT);
    }

    /**
     * Takes no more records, sends what it has, and fails what is not acknowledged in time: with SHUTTING_DOWN what was never sent,
     * with OUTCOME_UNKNOWN what may have arrived. Not to be called from a callback: that would wait for itself.
     */
    public void close(Duration timeout) {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
        }
        try {
            flushed().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // what is left fails below
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        GqException reason = new GqException(ErrorCode.SHUTTING_DOWN, "producer: closed (expected: open)");
        end(reason);
        sender.abort(reason);
        sender.close();
        memory.close();
        loop.close();
        queues.values().forEach(this::failQueued);
        callbacks.shutdown();
        try {
            callbacks.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        runtime.release(this);
    }

    private CompletableFuture<RecordMetadata> enqueue(ProducerRecord record) {
        checkOpen();
        TopicView topic = topic(record.topic());
        int bytesMax = topic.bytesSetting("max_message_size", MESSAGE_BYTES_DEFAULT);
        Compression compression = config.compression().orElseGet(topic::compression);
        long bytes = RecordBatchBuilder.recordBytesMax(record.key(), record.value(), record.headers());
        checkSize(record, bytes, bytesMax, compression);
        memory.take(bytes, config.blockMax().toNanos());
        boolean kept = false;
        try {
            PartitionQueue.Item item = new PartitionQueue.Item(
                    record,
                    record.timestampMs().orElseGet(runtime.outside().clock()::millis),
                    bytes,
                    record.deliveryTimeout().orElse(config.deliveryTimeout()).toNanos(),
                    runtime.outside().nanoTime().getAsLong(),
                    Math.min(config.batchBytes(), bytesMax),
                    compression);
            CompletableFuture<RecordMetadata> future = append(topic, item);
            kept = true;
            return future;
        } finally {
            if (!kept) {
                memory.give(bytes);
            }
        }
    }

    private CompletableFuture<RecordMetadata> append(TopicView topic, PartitionQueue.Item item) {
        PartitionQueue queue;
        PartitionQueue.@Nullable Appended appended = null;
        int partitions = topic.partitions().size();
        ProducerRecord record = item.record();
        if (record.partition().isPresent()) {
            queue = queue(topic, record.partition().getAsInt());
        } else if (record.key() != null) {
            queue = queue(topic, Murmur2.partition(record.key(), partitions));
        } else {
            int current = sticky.current(topic.name(), topic.partitions());
            queue = queue(topic, current);
            appended = queue.appendIfOpen(item);
            if (appended == null) {
                if (queue.closeOpen()) {
                    sender.wake(queue);
                }
                boolean moveOn = queue.turnIsOver(item)
                        || topic.partitions().get(current).leader() == 0;
                queue = queue(
                        topic,
                        moveOn
                                ? sticky.after(topic.name(), current, topic.partitions())
                                : sticky.current(topic.name(), topic.partitions()));
            }
        }
        if (appended == null) {
            appended = queue.append(item);
        }
        if (appended.closed() != null) {
            appended.closed().encode();
        }
        if (appended.wake()) {
            sender.wake(queue);
        }
        if (ended != null) {
            failQueued(queue);
        }
        return appended.future();
    }

    private PartitionQueue queue(TopicView topic, int partition) {
        int partitions = topic.partitions().size();
        if (partition >= partitions) {
            throw new GqException(
                    ErrorCode.UNKNOWN_PARTITION,
                    "partition of " + topic.name() + ": " + partition + " (expected: 0 to " + (partitions - 1) + ")");
        }
        return queues.computeIfAbsent(
                new TopicPartition(topic.name(), partition),
                tp -> new PartitionQueue(tp, config.linger().toNanos(), this::opened));
    }

    private void opened(ProducerBatch batch) {
        incomplete.add(batch);
        var unused = batch.finished.thenRun(() -> incomplete.remove(batch));
    }

    private TopicView topic(String name) {
        TopicView known = runtime.metadata().view().topics().get(name);
        if (known == null || known.partitions().isEmpty()) {
            Errors.checkTopic(name);
            known = await(runtime.metadata().topic(name, config.blockMax()), name);
        }
        return known;
    }

    private static TopicView await(CompletableFuture<TopicView> topic, String name) {
        try {
            return topic.get();
        } catch (ExecutionException e) {
            throw Errors.fromCall("metadata of " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GqException(ErrorCode.BROKER_UNAVAILABLE, "metadata of " + name + ": interrupted", e);
        }
    }

    /** The limit is on what is sent. What may be above it goes into a batch of its own, and that is measured. */
    private static void checkSize(ProducerRecord record, long bytes, int bytesMax, Compression compression) {
        if (bytes + RecordBatch.HEADER_BYTES <= bytesMax) {
            return;
        }
        long exact = bytes + RecordBatch.HEADER_BYTES;
        boolean packs = compression != Compression.NONE && bytes <= RecordLimits.DEFAULT.decompressedBytesMax();
        if (packs || exact <= bytesMax + 1024L) {
            RecordBatchBuilder alone = new RecordBatchBuilder(compression, (int) exact);
            alone.append(record.timestampMs().orElse(0), record.key(), record.value(), record.headers());
            exact = alone.build().remaining();
        }
        if (exact > bytesMax) {
            throw new GqException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "record for " + record.topic() + ": " + exact + " bytes with its batch header (expected: <= "
                            + bytesMax + ", the topic's max_message_size)");
        }
    }

    private void checkOpen() {
        GqException reason = ended;
        if (reason != null) {
            throw reason;
        }
        if (closing) {
            throw new GqException(ErrorCode.SHUTTING_DOWN, "producer: closed (expected: open)");
        }
    }

    private void end(GqException reason) {
        if (ended == null) {
            ended = reason;
        }
    }

    private void failQueued(PartitionQueue queue) {
        GqException reason = ended;
        if (reason != null) {
            List<ProducerBatch> left = queue.removeExpired(0, true);
            left.forEach(batch -> {
                memory.give(batch.reservedBytes());
                batch.fail(reason);
            });
        }
    }

    private CompletableFuture<Void> flushed() {
        List<CompletableFuture<Void>> pending =
                incomplete.stream().map(batch -> batch.finished).toList();
        queues.values().forEach(queue -> {
            if (queue.closeOpen()) {
                sender.wake(queue);
            }
        });
        return CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new));
    }

    /** Sets a producer up; see {@link ProducerConfig} for the defaults. */
    public static final class Builder {
        private final ClientRuntime runtime;
        private Duration linger = ProducerConfig.DEFAULT.linger();
        private int batchBytes = ProducerConfig.DEFAULT.batchBytes();
        private int inFlightMax = ProducerConfig.DEFAULT.inFlightMax();
        private long bufferBytes = ProducerConfig.DEFAULT.bufferBytes();
        private Duration blockMax = ProducerConfig.DEFAULT.blockMax();
        private Duration deliveryTimeout = ProducerConfig.DEFAULT.deliveryTimeout();
        private Optional<Compression> compression = ProducerConfig.DEFAULT.compression();
        private boolean idempotent = ProducerConfig.DEFAULT.idempotent();

        /** For {@link io.gq.client.GqClient#producer()}. */
        public Builder(ClientRuntime runtime) {
            this.runtime = runtime;
        }

        /** How long a batch that has room waits for more records. Default 1 ms. */
        public Builder linger(Duration time) {
            linger = time;
            return this;
        }

        /** A batch is closed before it grows beyond this, before compression. Default 64 KB. */
        public Builder batchBytes(int bytes) {
            batchBytes = bytes;
            return this;
        }

        /** Batches of one partition sent and not answered, 1 to 5. Default 5. */
        public Builder inFlightMax(int batches) {
            inFlightMax = batches;
            return this;
        }

        /** Records not yet acknowledged, over all partitions. Default 32 MB. */
        public Builder bufferBytes(long bytes) {
            bufferBytes = bytes;
            return this;
        }

        /** How long {@link Producer#send} waits for room and for metadata. Default 10 s. */
        public Builder blockMax(Duration time) {
            blockMax = time;
            return this;
        }

        /** From handing a record over to its acknowledgement. Default 30 s. */
        public Builder deliveryTimeout(Duration time) {
            deliveryTimeout = time;
            return this;
        }

        /** How batches are packed. Default: as the topic asks (compression_type), and not at all where it does not. */
        public Builder compression(Compression codec) {
            compression = Optional.of(codec);
            return this;
        }

        /**
         * Whether a repeated send appends nothing twice and keeps the order. Default true. If not, one batch of a partition is on
         * its way at a time, and one that was sent and not answered fails as OUTCOME_UNKNOWN at once.
         */
        public Builder idempotent(boolean yes) {
            idempotent = yes;
            return this;
        }

        public Producer build() {
            return new Producer(
                    runtime,
                    new ProducerConfig(
                            linger,
                            batchBytes,
                            inFlightMax,
                            bufferBytes,
                            blockMax,
                            deliveryTimeout,
                            compression,
                            idempotent));
        }
    }
}
