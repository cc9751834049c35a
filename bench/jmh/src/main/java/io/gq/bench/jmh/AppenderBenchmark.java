package io.gq.bench.jmh;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.io.NioStorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.partition.PartitionConfig;
import io.gq.partition.PartitionMetrics;
import io.gq.partition.PartitionStateMachine;
import io.gq.partition.ReplicaListener;
import io.gq.partition.append.Appended;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.append.PartitionAppender;
import io.gq.partition.log.DiskFlusher;
import io.gq.testing.MemoryStateStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A batch gets its offset and becomes, alone or with others, an entry. The group agrees at once and stores nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AppenderBenchmark {

    private static final int WAITING = 15;

    @Param({"1100", "16384", "65536"})
    public int batchBytes;

    private final AgreeingGroup group = new AgreeingGroup();
    private Path directory;
    private PartitionStateMachine machine;
    private PartitionAppender appender;
    private ByteBuffer batch;

    @Setup
    public void lead() throws IOException, DamagedReplicaException {
        directory = Files.createTempDirectory("jmh-appender");
        machine = new PartitionStateMachine(
                group.id(),
                directory.resolve("partition"),
                new NioStorageFiles(),
                new DiskFlusher(Runnable::run),
                new MemoryStateStore(),
                PartitionConfig.DEFAULT,
                PartitionMetrics.NONE,
                ReplicaListener.NONE);
        machine.open(LogTail.EMPTY);
        appender = new PartitionAppender(
                machine, group, AppenderConfig.DEFAULT, InstantSource.system(), PartitionMetrics.NONE);
        machine.lead(AgreeingGroup.TERM);
        batch = Batches.of(1000, batchBytes);
    }

    @TearDown
    public void close() throws IOException {
        appender.close();
        machine.close();
        LogOnDisk.deleteTree(directory);
    }

    /** Nothing is in flight: the batch is an entry of its own. */
    @Benchmark
    public Appended alone() {
        return appender.append(batch.duplicate()).join();
    }

    /** As many as may be are in flight: those that wait share an entry. */
    @Benchmark
    @OperationsPerInvocation(WAITING)
    public List<CompletableFuture<Appended>> together() {
        group.hold();
        List<CompletableFuture<Appended>> futures = new ArrayList<>(WAITING);
        for (int i = 0; i < WAITING; i++) {
            futures.add(appender.append(batch.duplicate()));
        }
        group.release();
        return futures;
    }

    private static final class AgreeingGroup implements ReplicatedGroup {
        private static final long TERM = 1;

        private final GroupId id = new GroupId(new UUID(0, 1));
        private final List<CompletableFuture<Outcome>> held = new ArrayList<>();
        private boolean holding;

        void hold() {
            holding = true;
        }

        void release() {
            holding = false;
            List<CompletableFuture<Outcome>> all = List.copyOf(held);
            held.clear();
            all.forEach(future -> future.complete(Outcome.DONE));
        }

        @Override
        public CompletableFuture<Outcome> propose(ByteBuffer command, @Nullable ByteBuffer payload) {
            if (!holding) {
                return CompletableFuture.completedFuture(Outcome.DONE);
            }
            CompletableFuture<Outcome> future = new CompletableFuture<>();
            held.add(future);
            return future;
        }

        @Override
        public GroupId id() {
            return id;
        }

        @Override
        public Leadership leadership() {
            return new Leadership(Leadership.Role.LEADER, TERM, Optional.of(new NodeId(1)), true);
        }

        @Override
        public CompletableFuture<Void> readBarrier(Duration timeout) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> transferLeadership(NodeId to, Duration timeout) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException("transferLeadership"));
        }
    }
}
