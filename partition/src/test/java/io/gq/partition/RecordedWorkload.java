package io.gq.partition;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.core.record.RecordBatches;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.core.replication.StateMachine;
import io.gq.partition.append.Appended;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.append.PartitionAppender;
import io.gq.partition.log.DiskFlusher;
import io.gq.partition.log.Slice;
import io.gq.testing.ManualClock;
import io.gq.testing.SimulatedGroup;
import io.gq.testing.history.History;
import io.gq.testing.history.HistoryRecorder;
import io.gq.testing.history.LogDump;
import io.gq.testing.history.Read;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Clients of a simulated partition that judge nothing and write down everything: what they sent, what they were told, what they read.
 * Where a bug is to be planted, a subclass puts it between them and the partition.
 */
class RecordedWorkload implements SimulatedGroup.Workload {

    static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    private static final PartitionConfig CONFIG = PartitionWorkload.CONFIG.withProducers(3_600_000, 10_000);
    private static final int PRODUCERS = 3;
    private static final int READERS = 3;
    /** So many of the newest acknowledged batches may come in again. */
    private static final int REPEATED_MAX = 30;

    private final ManualClock clock = new ManualClock();
    private final Map<Integer, Replica> replicas = new TreeMap<>();
    private final Producer[] producers = new Producer[PRODUCERS];
    private final long[] readers = new long[READERS];
    private long tick;
    private final HistoryRecorder recorder = new HistoryRecorder(() -> tick++);
    private final List<Sent> acknowledged = new ArrayList<>();
    private int sessions;

    RecordedWorkload() {
        for (int i = 0; i < PRODUCERS; i++) {
            producers[i] = new Producer();
        }
    }

    record Replica(int id, StateMachine machine, ReplicatedGroup group, PartitionAppender appender) {}

    History history() {
        return recorder.history();
    }

    // ---- where bugs are planted

    StateMachine plant(int replica, PartitionStateMachine partition) {
        return new ForwardingStateMachine(partition);
    }

    boolean leads(Replica replica) {
        return partition(replica.machine).leaderTerm() >= 0;
    }

    CompletableFuture<Appended> append(Replica replica, ByteBuffer batch) {
        return replica.appender.append(batch);
    }

    /** Whether producers send again what may have arrived, as only idempotent ones may. */
    boolean repeats() {
        return true;
    }

    /** Records a reader is given from the offset on. */
    List<LogDump.Row> serve(StateMachine machine, long offset) {
        Slice slice = partition(machine).read(offset, 2000);
        return rows(slice.batches(), offset);
    }

    /** The end a reader is told. */
    long end(StateMachine machine) {
        return partition(machine).highWatermark();
    }

    // ---- the simulation's side

    @Override
    public StateMachine create(int replica, SimulatedGroup.Disk disk) {
        return plant(
                replica,
                new PartitionStateMachine(
                        PartitionWorkload.GROUP,
                        PartitionWorkload.DIRECTORY,
                        disk.files(),
                        new DiskFlusher(disk.executor()),
                        disk.store(),
                        CONFIG,
                        PartitionMetrics.NONE,
                        ReplicaListener.NONE));
    }

    static PartitionStateMachine partition(StateMachine machine) {
        return ((ForwardingStateMachine) machine).partition;
    }

    @Override
    public void opened(int replica, StateMachine machine, ReplicatedGroup group) {
        AppenderConfig config = new AppenderConfig(400, 150, 8, 3, 0, 4000);
        PartitionAppender appender =
                new PartitionAppender(partition(machine), group, config, clock, PartitionMetrics.NONE);
        replicas.put(replica, new Replica(replica, machine, group, appender));
    }

    @Override
    public void crashed(int replica) {
        replicas.remove(replica);
    }

    @Override
    public String digest(StateMachine machine) {
        return ""; // the history is the judge
    }

    @Override
    public void finish(List<StateMachine> machines) {
        dump(LogDump.FINAL, machines.get(0));
        for (int i = 1; i < machines.size(); i++) {
            dump("replica-" + i, machines.get(i));
        }
    }

    private void dump(String source, StateMachine machine) {
        List<LogDump.Row> rows = new ArrayList<>();
        long start = partition(machine).logStartOffset();
        long end = end(machine);
        for (long offset = start; offset < end; ) {
            List<LogDump.Row> some = serve(machine, offset);
            rows.addAll(some);
            offset = some.isEmpty() ? offset + 1 : some.get(some.size() - 1).offset() + 1;
        }
        recorder.dump(new LogDump(source, ORDERS, start, end, rows));
    }

    // ---- the clients

    @Override
    public void act(RandomGenerator random) {
        if (replicas.isEmpty()) {
            return;
        }
        clock.advance(Duration.ofMillis(random.nextInt(50)));
        List<Replica> up = new ArrayList<>(replicas.values());
        Replica any = up.get(random.nextInt(up.size()));
        Replica leader = up.stream()
                .filter(r -> leads(r) && random.nextInt(5) > 0)
                .findFirst()
                .orElse(any);
        int dice = random.nextInt(20);
        if (dice < 2 && repeats() && !acknowledged.isEmpty()) {
            int newest = acknowledged.size() - 1;
            send(acknowledged.get(newest - random.nextInt(Math.min(REPEATED_MAX, newest + 1))), leader);
        } else if (dice < 12) {
            producers[random.nextInt(PRODUCERS)].act(leader, random);
        } else if (dice < 17) {
            read(random.nextInt(READERS), any);
        } else {
            askForEnd(leader);
        }
    }

    private void read(int reader, Replica replica) {
        long offset = readers[reader];
        if (offset < end(replica.machine)) {
            for (LogDump.Row row : serve(replica.machine, offset)) {
                recorder.read(new Read("reader-" + reader, ORDERS, row.offset(), row.value(), false));
                readers[reader] = row.offset() + 1;
            }
        }
    }

    private void askForEnd(Replica replica) {
        long invokeNs = recorder.now();
        CompletableFuture<Void> barrier = replica.group.readBarrier(Duration.ofSeconds(1));
        if (!barrier.isCompletedExceptionally()) {
            recorder.end("asker", ORDERS, invokeNs, end(replica.machine));
        }
    }

    static List<LogDump.Row> rows(ByteBuffer batches, long fromOffset) {
        List<LogDump.Row> rows = new ArrayList<>();
        for (RecordBatch batch : RecordBatches.in(batches)) {
            for (Record entry : batch.records()) {
                ByteBuffer value = entry.value();
                if (value != null && entry.offset() >= fromOffset) {
                    String text =
                            StandardCharsets.UTF_8.decode(value.duplicate()).toString();
                    rows.add(new LogDump.Row(entry.offset(), text));
                }
            }
        }
        return rows;
    }

    /** One batch, from the first attempt to the answer. */
    private static final class Sent {
        final List<HistoryRecorder.Invocation> records = new ArrayList<>();
        final List<String> values = new ArrayList<>();
        final int session;
        final int sequence;
        int attempts;
        boolean perhapsThere;
        boolean refusedForGood;
        boolean acknowledged;

        Sent(int session, int sequence) {
            this.session = session;
            this.sequence = sequence;
        }
    }

    /**
     * An idempotent producer in short sessions, each with an id of its own: one batch at a time, repeated until it is answered or given
     * up.
     */
    private final class Producer {
        private int session;
        private int batchesLeft;
        private int sequence;
        private @Nullable Sent sent;

        void act(Replica replica, RandomGenerator random) {
            Sent current = sent;
            if (current == null || current.acknowledged) {
                send(next(random), replica);
            } else if (current.refusedForGood || (current.perhapsThere ? !repeats() : random.nextInt(12) == 0)) {
                if (current.attempts == 0) {
                    giveUp(current);
                }
            } else if (current.attempts == 0 ? random.nextInt(4) == 0 : repeats() && random.nextInt(12) == 0) {
                send(current, replica);
            }
        }

        private Sent next(RandomGenerator random) {
            if (batchesLeft-- == 0 || session == 0) {
                session = ++sessions;
                sequence = 0;
                batchesLeft = random.nextInt(3);
            }
            Sent next = new Sent(session, sequence);
            for (int i = random.nextInt(3); i >= 0; i--) {
                String value = session + "/" + sequence++;
                next.values.add(value);
                next.records.add(recorder.append(session, ORDERS, value));
            }
            sent = next;
            return next;
        }

        private void giveUp(Sent given) {
            given.records.forEach(
                    given.perhapsThere ? HistoryRecorder.Invocation::unknown : HistoryRecorder.Invocation::failed);
            sent = null;
            batchesLeft = 0;
        }
    }

    private void send(Sent batch, Replica replica) {
        batch.attempts++;
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 256);
        for (String value : batch.values) {
            builder.append(clock.millis(), null, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)), List.of());
        }
        builder.producer(1000L + batch.session, (short) 0, batch.sequence);
        var unused = append(replica, builder.build())
                .whenComplete((appended, failure) -> answered(batch, appended, failure));
    }

    private void answered(Sent batch, @Nullable Appended appended, @Nullable Throwable failure) {
        batch.attempts--;
        if (appended == null) {
            ErrorCode code = code(failure);
            batch.perhapsThere |= code.kind() == ErrorCode.Kind.UNKNOWN_OUTCOME;
            batch.refusedForGood |= code.kind() == ErrorCode.Kind.FATAL;
            return;
        }
        for (int i = 0; i < batch.records.size(); i++) {
            long offset = appended.baseOffset() + i;
            if (batch.acknowledged) { // told again: one more observation
                recorder.read(new Read("told again", ORDERS, offset, batch.values.get(i), true));
            } else {
                batch.records.get(i).ok(offset, appended.term());
            }
        }
        if (!batch.acknowledged) {
            batch.acknowledged = true;
            acknowledged.add(batch);
        }
    }

    private static ErrorCode code(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof BrokerException e ? e.code() : ErrorCode.INTERNAL;
    }
}
