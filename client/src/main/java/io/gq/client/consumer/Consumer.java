package io.gq.client.consumer;

import io.gq.client.GqException;
import io.gq.client.internal.ClientRuntime;
import io.gq.client.internal.ClusterView;
import io.gq.client.internal.Errors;
import io.gq.client.internal.TopicView;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.record.Record;
import io.gq.core.service.FetchService.At;
import io.gq.core.service.ReadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads partitions, in order each, from where it is told to. It finds the replicas, follows leaders that move, and connects again by
 * itself; offsets that are missing are passed over. Nothing is stored about it in the cluster.
 *
 * <p>For use by one thread at a time, but for {@link #wakeup} and {@link #close}, which any thread may call.
 */
public final class Consumer implements AutoCloseable {

    private final ClientRuntime runtime;
    private final ConsumerConfig config;
    private final Fetcher fetcher;
    private volatile Set<String> topics = Set.of();
    private volatile boolean closed;
    private @Nullable Chunk current;

    private Consumer(ClientRuntime runtime, ConsumerConfig config) {
        this.runtime = runtime;
        this.config = config;
        this.fetcher = new Fetcher(runtime, config);
        runtime.adopt(this);
    }

    /** Reads these partitions and no others. Those assigned before keep their place; new ones begin at the consumer's start. */
    public void assign(Collection<TopicPartition> partitions) {
        topics = Set.of();
        fetcher.assign(Set.copyOf(partitions), start());
    }

    /**
     * Reads every partition of these topics, those that are added later included: they are read from their first record.
     *
     * @throws GqException UNKNOWN_TOPIC, or why no metadata came within {@link ConsumerConfig#blockMax}
     */
    public void assignTopics(Collection<String> names) {
        Set<TopicPartition> all = new HashSet<>();
        for (String name : names) {
            all.addAll(partitionsOf(name));
        }
        topics = Set.copyOf(names);
        fetcher.assign(all, start());
    }

    /**
     * The partitions of a topic.
     *
     * @throws GqException UNKNOWN_TOPIC, or why no metadata came within {@link ConsumerConfig#blockMax}
     */
    public List<TopicPartition> partitionsOf(String topic) {
        Errors.checkTopic(topic);
        TopicView view = join(runtime.metadata().topic(topic, config.blockMax()), "metadata of " + topic);
        return partitions(view);
    }

    public Set<TopicPartition> assignment() {
        return fetcher.assignment();
    }

    /** The next record returned is this one, or the first after it. */
    public void seek(TopicPartition partition, long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: >= 0)");
        }
        fetcher.seek(partition, offset, null);
    }

    public void seekToStart(Collection<TopicPartition> partitions) {
        partitions.forEach(tp -> fetcher.seek(tp, -1, new At.Earliest()));
    }

    /** Only what is written from now on. */
    public void seekToEnd(Collection<TopicPartition> partitions) {
        partitions.forEach(tp -> fetcher.seek(tp, -1, new At.Latest()));
    }

    /** To the first record with this timestamp or a later one; to the end where there is none. */
    public void seekToTime(Collection<TopicPartition> partitions, long timestampMs) {
        partitions.forEach(tp -> fetcher.seek(tp, -1, new At.Timestamp(timestampMs)));
    }

    /**
     * Records that are here, or come within the timeout: those of each partition in order. Empty where none came.
     *
     * @throws GqException where a partition cannot be read on, once all before is returned, and again until a seek
     */
    public List<ConsumedRecord> poll(Duration timeout) {
        return poll(timeout, config.pollRecordsMax());
    }

    /** As {@link #poll(Duration)}, but no more than so many. */
    public List<ConsumedRecord> poll(Duration timeout, int recordsMax) {
        addNewPartitions();
        int wanted = Math.min(recordsMax, config.pollRecordsMax());
        List<ConsumedRecord> records = new ArrayList<>();
        long deadline = now() + timeout.toNanos();
        try {
            while (records.size() < wanted && !closed) {
                Chunk chunk = current;
                if (chunk == null) {
                    chunk = fetcher.take(records.isEmpty() ? deadline - now() : 0);
                    if (chunk == null) {
                        break;
                    }
                    current = chunk;
                }
                drain(chunk, records, wanted);
            }
        } catch (GqException e) {
            if (records.isEmpty()) {
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return records;
    }

    private void drain(Chunk chunk, List<ConsumedRecord> records, int wanted) {
        PartitionFetch partition = chunk.partition;
        if (fetcher.stale(chunk)) {
            current = null;
            return;
        }
        try {
            while (records.size() < wanted) {
                Record record = chunk.next(partition.position);
                if (record == null) {
                    current = null;
                    fetcher.finished(chunk);
                    return;
                }
                partition.position = record.offset() + 1;
                records.add(new ConsumedRecord(chunk.topicPartition(), record));
            }
        } catch (BrokerException e) {
            current = null;
            fetcher.damaged(chunk, Errors.fromCall("batch of " + chunk.topicPartition(), e));
        }
    }

    /** Records as a stream, to one subscriber. From then on the consumer belongs to it; close the consumer when it is done. */
    public Flow.Publisher<ConsumedRecord> publisher() {
        return new ConsumerPublisher(this, runtime.outside().threads().named("gq-consumer-publisher"));
    }

    /**
     * The offset of the next record to be returned.
     *
     * @throws GqException where it could not be looked up within {@link ConsumerConfig#blockMax}
     */
    public long position(TopicPartition partition) {
        long known = -1;
        try {
            known = fetcher.awaitPosition(partition, config.blockMax().toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (known < 0) {
            throw new GqException(
                    ErrorCode.TIMEOUT, "position of " + partition + ": not found within " + config.blockMax());
        }
        return known;
    }

    /** The end of what was committed when the last answer about the partition was given: at least that. */
    public long highWatermark(TopicPartition partition) {
        return fetcher.highWatermark(partition);
    }

    /** The first offset of each partition. */
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
        return offsets(partitions, new At.Earliest(), config.level());
    }

    /** The offset after the last committed record of each partition, as seen at the consumer's read level. */
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        return endOffsets(partitions, config.level());
    }

    /** The same at another read level: LINEARIZABLE sees everything acknowledged before the call. */
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions, ReadLevel level) {
        return offsets(partitions, new At.Latest(), level);
    }

    /** The first record of each partition with the timestamp or a later one. */
    public Map<TopicPartition, FoundOffset> offsetsForTimes(Map<TopicPartition, Long> timestampsMs) {
        Map<TopicPartition, At> wanted = new HashMap<>();
        timestampsMs.forEach((tp, ms) -> wanted.put(tp, new At.Timestamp(ms)));
        return lookUp(wanted, config.level());
    }

    /** Makes a {@link #poll} that waits return at once, or the next one. */
    public void wakeup() {
        fetcher.interrupt();
    }

    boolean closed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        fetcher.close();
        runtime.release(this);
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, At at, ReadLevel level) {
        Map<TopicPartition, At> wanted = new HashMap<>();
        partitions.forEach(tp -> wanted.put(tp, at));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        lookUp(wanted, level).forEach((tp, found) -> offsets.put(tp, found.offset()));
        return offsets;
    }

    private Map<TopicPartition, FoundOffset> lookUp(Map<TopicPartition, At> wanted, ReadLevel level) {
        wanted.keySet().stream()
                .map(TopicPartition::topic)
                .distinct()
                .forEach(name -> join(runtime.metadata().topic(name, config.blockMax()), "metadata of " + name));
        Map<TopicPartition, FoundOffset> found = new HashMap<>();
        OffsetLookup.start(runtime, wanted, level, config.blockMax())
                .forEach((tp, future) -> found.put(tp, join(future, "offsets of " + tp)));
        return found;
    }

    private void addNewPartitions() {
        if (topics.isEmpty()) {
            return;
        }
        ClusterView view = runtime.metadata().view();
        Set<TopicPartition> assigned = fetcher.assignment();
        Set<TopicPartition> all = new HashSet<>(assigned);
        for (String name : topics) {
            TopicView topic = view.topics().get(name);
            if (topic != null) {
                all.addAll(partitions(topic));
            }
        }
        if (all.size() > assigned.size()) {
            fetcher.assign(all, new At.Earliest());
        }
    }

    private static List<TopicPartition> partitions(TopicView topic) {
        List<TopicPartition> all = new ArrayList<>();
        for (int p = 0; p < topic.partitions().size(); p++) {
            all.add(new TopicPartition(topic.name(), p));
        }
        return all;
    }

    private At start() {
        return config.start() == OffsetReset.LATEST ? new At.Latest() : new At.Earliest();
    }

    private long now() {
        return runtime.outside().nanoTime().getAsLong();
    }

    private static <T> T join(CompletableFuture<T> future, String what) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw Errors.fromCall(what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GqException(ErrorCode.TIMEOUT, what + ": interrupted", e);
        }
    }

    /** Sets a consumer up; see {@link ConsumerConfig} for the defaults. */
    public static final class Builder {
        private final ClientRuntime runtime;
        private OffsetReset start = ConsumerConfig.DEFAULT.start();
        private OffsetReset reset = ConsumerConfig.DEFAULT.reset();
        private ReadLevel level = ConsumerConfig.DEFAULT.level();
        private boolean followerReads = ConsumerConfig.DEFAULT.followerReads();
        private int pollRecordsMax = ConsumerConfig.DEFAULT.pollRecordsMax();
        private int fetchBytes = ConsumerConfig.DEFAULT.fetchBytes();
        private int partitionBytes = ConsumerConfig.DEFAULT.partitionBytes();
        private int fetchBytesMin = ConsumerConfig.DEFAULT.fetchBytesMin();
        private Duration fetchWait = ConsumerConfig.DEFAULT.fetchWait();
        private Duration blockMax = ConsumerConfig.DEFAULT.blockMax();

        /** For {@link io.gq.client.GqClient#consumer()}. */
        public Builder(ClientRuntime runtime) {
            this.runtime = runtime;
        }

        /** Where a partition newly assigned is read from: EARLIEST (the default) or LATEST. */
        public Builder start(OffsetReset where) {
            start = where;
            return this;
        }

        /** What to do with an offset that retention has passed. Default EARLIEST. */
        public Builder reset(OffsetReset policy) {
            reset = policy;
            return this;
        }

        /** What a replica must know before it answers. Default COMMITTED. */
        public Builder level(ReadLevel readLevel) {
            level = readLevel;
            return this;
        }

        /** Read from followers rather than leaders, where the level allows. Default false. */
        public Builder followerReads(boolean yes) {
            followerReads = yes;
            return this;
        }

        /** Most records one poll returns. Default 1000. */
        public Builder pollRecordsMax(int records) {
            pollRecordsMax = records;
            return this;
        }

        /** Most bytes of one answer of a broker. Default 8 MB. */
        public Builder fetchBytes(int bytes) {
            fetchBytes = bytes;
            return this;
        }

        /** Most bytes of one partition in an answer. Default 1 MB. */
        public Builder partitionBytes(int bytes) {
            partitionBytes = bytes;
            return this;
        }

        /** A broker waits until it has so much, or for {@link #fetchWait}. Default 1. */
        public Builder fetchBytesMin(int bytes) {
            fetchBytesMin = bytes;
            return this;
        }

        /** How long a broker waits for something to answer with. Default 500 ms. */
        public Builder fetchWait(Duration time) {
            fetchWait = time;
            return this;
        }

        /** How long a call that needs metadata, offsets or a position waits for them. Default 10 s. */
        public Builder blockMax(Duration time) {
            blockMax = time;
            return this;
        }

        public Consumer build() {
            return new Consumer(
                    runtime,
                    new ConsumerConfig(
                            start,
                            reset,
                            level,
                            followerReads,
                            pollRecordsMax,
                            fetchBytes,
                            partitionBytes,
                            fetchBytesMin,
                            fetchWait,
                            blockMax));
        }
    }
}
