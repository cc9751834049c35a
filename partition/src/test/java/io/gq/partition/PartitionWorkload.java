package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.core.record.RecordBatches;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.core.replication.StateMachine;
import io.gq.partition.append.Appended;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.append.PartitionAppender;
import io.gq.partition.append.RetentionProposer;
import io.gq.partition.log.DiskFlusher;
import io.gq.partition.log.LogConfig;
import io.gq.partition.log.Slice;
import io.gq.testing.ManualClock;
import io.gq.testing.SimulatedGroup;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Clients of a simulated partition: idempotent producers that repeat what was not confirmed, a producer without sequences, readers,
 * and somebody who trims. It remembers what was acknowledged, and looks for it at the end.
 */
class PartitionWorkload implements SimulatedGroup.Workload {

    static final GroupId GROUP = new GroupId(new UUID(1, 1));
    static final Path DIRECTORY = Path.of("/data/group");
    static final PartitionConfig CONFIG = PartitionConfig.DEFAULT
            .withLog(new LogConfig(700, 60_000, 256, 1 << 20, true))
            .withProducers(3_600_000, 100);

    private static final int PRODUCERS = 3;
    private static final int OUTSTANDING_MAX = 4;
    private static final int CONTENT_DIGEST_EVERY = 8;

    private final ManualClock clock = new ManualClock();
    private final Map<Integer, Replica> replicas = new HashMap<>();
    private final List<Client> clients = new ArrayList<>();
    private final Map<Long, Integer> committed = new TreeMap<>();
    private final Map<Long, Long> plainAcknowledged = new TreeMap<>();
    private final PartitionConfig config;
    private long plainSent;
    private int acknowledged;
    private int duplicates;

    PartitionWorkload() {
        this(CONFIG);
    }

    PartitionWorkload(PartitionConfig config) {
        this.config = config;
        for (int i = 0; i < PRODUCERS; i++) {
            clients.add(new Client(100 + i));
        }
    }

    private record Replica(PartitionStateMachine machine, PartitionAppender appender, RetentionProposer retention) {}

    int acknowledged() {
        return acknowledged;
    }

    int duplicates() {
        return duplicates;
    }

    @Override
    public StateMachine create(int replica, SimulatedGroup.Disk disk) {
        return new PartitionStateMachine(
                GROUP,
                DIRECTORY,
                disk.files(),
                new DiskFlusher(disk.executor()),
                disk.store(),
                config,
                PartitionMetrics.NONE,
                ReplicaListener.NONE);
    }

    /** The partition behind what {@link #create} made. */
    PartitionStateMachine partition(StateMachine machine) {
        return (PartitionStateMachine) machine;
    }

    @Override
    public void opened(int replica, StateMachine machine, ReplicatedGroup group) {
        PartitionStateMachine partition = partition(machine);
        PartitionAppender appender = new PartitionAppender(
                partition, group, new AppenderConfig(400, 150, 8, 3, 250, 4000), clock, PartitionMetrics.NONE);
        replicas.put(replica, new Replica(partition, appender, new RetentionProposer(partition, group, clock, 0)));
    }

    @Override
    public void crashed(int replica) {
        replicas.remove(replica);
    }

    @Override
    public void act(RandomGenerator random) {
        if (replicas.isEmpty()) {
            return;
        }
        clock.advance(Duration.ofMillis(random.nextInt(50)));
        List<Replica> up = new ArrayList<>(replicas.values());
        Replica any = up.get(random.nextInt(up.size()));
        Replica leader = up.stream()
                .filter(r -> r.machine.leaderTerm() >= 0 && random.nextInt(5) > 0)
                .findFirst()
                .orElse(any);
        boolean nobodyLeads = leader.machine.leaderTerm() < 0;
        int dice = nobodyLeads && random.nextInt(8) > 0 ? 18 : random.nextInt(20);
        if (dice < 12) {
            clients.get(random.nextInt(clients.size())).act(leader.appender, random);
        } else if (dice < 15) {
            sendPlain(leader.appender);
        } else if (dice < 19) {
            read(any.machine, random);
        } else if (random.nextInt(3) == 0) {
            long highWatermark = any.machine.highWatermark();
            var unused = leader.retention.trimTo(random.nextLong(highWatermark + 1));
        }
    }

    private void sendPlain(PartitionAppender appender) {
        long number = plainSent++;
        ByteBuffer batch = batch(1 + (int) (number % 3), number, RecordBatch.NO_PRODUCER_ID, 0);
        var unused = appender.append(batch).whenComplete((appended, failure) -> {
            if (failure == null) {
                acknowledged++;
                plainAcknowledged.put(appended.baseOffset(), number);
            }
        });
    }

    private void read(PartitionStateMachine machine, RandomGenerator random) {
        long start = machine.logStartOffset();
        long offset = start + random.nextLong(machine.highWatermark() - start + 1);
        Slice slice = machine.read(offset, random.nextInt(800));
        if (offset < slice.highWatermark()) {
            assertThat(slice.batches().remaining()).isPositive();
        }
        remember(slice);
    }

    /** What is committed at an offset stays there for ever, on every replica. */
    private void remember(Slice slice) {
        for (RecordBatch batch : RecordBatches.in(slice.batches())) {
            Integer before = committed.putIfAbsent(batch.baseOffset(), batch.crc());
            assertThat(before == null || before == batch.crc())
                    .as("offset %d has two contents", batch.baseOffset())
                    .isTrue();
        }
    }

    @Override
    public String digest(StateMachine machine) {
        PartitionStateMachine partition = partition(machine);
        return partition.applied().index() % CONTENT_DIGEST_EVERY == 0
                ? partition.stateDigest()
                : partition.tablesDigest();
    }

    @Override
    public void finish(List<StateMachine> machines) {
        for (StateMachine machine : machines) {
            check(partition(machine));
        }
    }

    private void check(PartitionStateMachine machine) {
        Map<String, Long> found = new HashMap<>();
        Set<String> twice = new HashSet<>();
        Map<Long, Long> plain = new HashMap<>();
        long offset = machine.logStartOffset();
        while (offset < machine.highWatermark()) {
            Slice slice = machine.read(offset, 1000);
            remember(slice);
            for (RecordBatch batch : RecordBatches.in(slice.batches())) {
                if (batch.hasProducerId()) {
                    String key = batch.producerId() + "/" + batch.baseSequence();
                    if (found.put(key, batch.baseOffset()) != null) {
                        twice.add(key);
                    }
                } else {
                    plain.put(batch.baseOffset(), batch.maxTimestamp());
                }
            }
            assertThat(slice.nextOffset()).isGreaterThan(offset);
            offset = slice.nextOffset();
        }
        assertThat(twice).as("batches stored twice").isEmpty();
        for (Client client : clients) {
            client.acknowledged.forEach((sequence, at) -> {
                if (at >= machine.logStartOffset()) {
                    assertThat(found.get(client.producerId + "/" + sequence))
                            .as("producer %d, sequence %d, acknowledged at %d", client.producerId, sequence, at)
                            .isEqualTo(at);
                }
            });
        }
        plainAcknowledged.forEach((at, number) -> {
            if (at >= machine.logStartOffset()) {
                assertThat(plain).containsEntry(at, number);
            }
        });
    }

    static ByteBuffer batch(int records, long timestampMs, long producerId, int baseSequence) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 256);
        for (int i = 0; i < records; i++) {
            byte[] value = ("value-" + producerId + "-" + (baseSequence + i)).getBytes(StandardCharsets.UTF_8);
            builder.append(timestampMs, null, ByteBuffer.wrap(value), List.of());
        }
        if (producerId != RecordBatch.NO_PRODUCER_ID) {
            builder.producer(producerId, (short) 0, baseSequence);
        }
        return builder.build();
    }

    /** An idempotent producer: sends in order, repeats what failed. */
    private final class Client {
        final long producerId;
        final Map<Integer, Long> acknowledged = new TreeMap<>();
        final List<Sent> outstanding = new ArrayList<>();
        int nextSequence;

        Client(long producerId) {
            this.producerId = producerId;
        }

        void act(PartitionAppender appender, RandomGenerator random) {
            outstanding.removeIf(s -> s.done);
            for (Sent sent : outstanding) {
                if (!sent.waiting) {
                    send(sent, appender);
                    return;
                }
            }
            if (random.nextInt(8) == 0 && !outstanding.isEmpty()) {
                send(outstanding.get(random.nextInt(outstanding.size())), appender); // impatient: sends again
            } else if (outstanding.size() < OUTSTANDING_MAX) {
                Sent sent = new Sent(nextSequence, 1 + random.nextInt(3));
                nextSequence += sent.records;
                outstanding.add(sent);
                send(sent, appender);
            }
        }

        private void send(Sent sent, PartitionAppender appender) {
            sent.waiting = true;
            ByteBuffer batch = batch(sent.records, clock.millis(), producerId, sent.sequence);
            var unused = appender.append(batch).whenComplete((appended, failure) -> answered(sent, appended, failure));
        }

        private void answered(Sent sent, @Nullable Appended appended, @Nullable Throwable failure) {
            if (appended != null) {
                Long before = acknowledged.put(sent.sequence, appended.baseOffset());
                assertThat(before == null || before == appended.baseOffset())
                        .as("producer %d, sequence %d: offset %s, then %s", producerId, sent.sequence, before, appended)
                        .isTrue();
                PartitionWorkload.this.acknowledged++;
                duplicates += appended.duplicate() ? 1 : 0;
                sent.done = true;
            } else if (!sent.done) {
                ErrorCode code = code(failure);
                assertThat(code)
                        .as("answer to producer %d, sequence %d: %s", producerId, sent.sequence, failure)
                        .isIn(
                                ErrorCode.NOT_LEADER,
                                ErrorCode.LEADER_NOT_AVAILABLE,
                                ErrorCode.THROTTLED,
                                ErrorCode.OUTCOME_UNKNOWN,
                                ErrorCode.UNKNOWN_PRODUCER_ID,
                                ErrorCode.OUT_OF_ORDER_SEQUENCE);
                sent.waiting = false;
            }
        }
    }

    private static ErrorCode code(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof BrokerException e ? e.code() : ErrorCode.INTERNAL;
    }

    private static final class Sent {
        final int sequence;
        final int records;
        boolean waiting;
        boolean done;

        Sent(int sequence, int records) {
            this.sequence = sequence;
            this.records = records;
        }
    }
}
