package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.io.NioStorageFiles;
import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.partition.PartitionConfig;
import io.gq.partition.PartitionDigest;
import io.gq.partition.PartitionMachineFactory;
import io.gq.partition.PartitionMetrics;
import io.gq.partition.PartitionStateMachine;
import io.gq.partition.ReplicaListener;
import io.gq.partition.append.Appended;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.append.PartitionAppender;
import io.gq.partition.log.DiskFlusher;
import io.gq.partition.log.LogConfig;
import io.gq.testing.ManualClock;
import io.gq.testing.ManualScheduler;
import io.gq.testing.MemoryStateStore;
import io.gq.testing.SyncCount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real partition as a Raft group of three. */
final class PartitionGroupTest {

    private static final int RECORD_BYTES = 4_000;
    private static final long PRODUCER = 7;

    @TempDir
    Path directory;

    private final ExecutorService disk = Executors.newCachedThreadPool();
    private final Map<Integer, MemoryStateStore> stores = new ConcurrentHashMap<>();
    private final SyncCount synced =
            new SyncCount(new NioStorageFiles(), path -> path.toString().endsWith(".log"));
    private final Random random = new Random(42);

    @AfterEach
    void stopDisk() {
        disk.shutdownNow();
    }

    @Test
    void shouldHoldEachPayloadOnceAndEqualWhenAppended() throws Exception {
        try (TestCluster cluster = cluster(TestCluster.quickConfig())) {
            GroupId group = cluster.create();

            appendAll(cluster, group, 0, 40);

            PartitionDigest digest = awaitEqual(cluster, group, 40);
            assertThat(digest.batches()).isEqualTo(40);
            for (TestCluster.Host host : cluster.hosts.values()) {
                long stored = machine(host, group).bytes();
                assertThat(stored).isBetween(40L * RECORD_BYTES, 42L * RECORD_BYTES);
                assertThat(TestCluster.sizeOfFiles(host.groupDirectory(group))).isLessThan(128 << 10);
                long inFiles = TestCluster.sizeOfFiles(host.machineDirectory(group));
                assertThat(inFiles)
                        .as("segment, index rows, nothing preallocated")
                        .isLessThan(stored + 16_000);
            }
        }
    }

    @Test
    void shouldReturnTheOriginalOffsetWhenABatchIsRepeatedAtTheNextLeader() throws Exception {
        try (TestCluster cluster = cluster(TestCluster.quickConfig())) {
            GroupId group = cluster.create();
            List<Appended> before = appendAll(cluster, group, 0, 10);
            TestCluster.Host leader = cluster.awaitLeader(group);

            leader.stop();
            Appended again = append(cluster, group, 9);
            assertThat(again.duplicate()).isTrue();
            assertThat(again.baseOffset()).isEqualTo(before.get(9).baseOffset());
            appendAll(cluster, group, 10, 20);
            leader.start();
            leader.open(group, List.of());

            assertThat(awaitEqual(cluster, group, 20).batches()).isEqualTo(20);
        }
    }

    @Test
    void shouldComeBackEqualWhenAllHostsRestart() throws Exception {
        try (TestCluster cluster = cluster(TestCluster.quickConfig())) {
            GroupId group = cluster.create();
            appendAll(cluster, group, 0, 10);
            cluster.get(cluster.awaitLeader(group).group(group).checkpoint(TestCluster.LONG));
            appendAll(cluster, group, 10, 20);

            cluster.hosts.values().forEach(TestCluster.Host::stop);
            for (TestCluster.Host host : cluster.hosts.values()) {
                host.start();
                host.open(group, List.of());
            }
            assertThat(append(cluster, group, 19).duplicate()).isTrue();
            appendAll(cluster, group, 20, 25);

            assertThat(awaitEqual(cluster, group, 25).batches()).isEqualTo(25);
        }
    }

    @Test
    void shouldComeBackEqualWhenFarBehindAndWhenWiped() throws Exception {
        try (TestCluster cluster = cluster(TestCluster.quickConfig().withLog(1024, 5, 0))) {
            GroupId group = cluster.create();
            appendAll(cluster, group, 0, 5);
            TestCluster.Host behind = follower(cluster, group);
            behind.stop();
            appendAll(cluster, group, 5, 50);
            RatisGroup leading = cluster.awaitLeader(group).group(group);
            await().until(() -> cluster.get(leading.checkpoint(TestCluster.LONG)) > 40);

            behind.start();
            behind.open(group, List.of());
            awaitEqual(cluster, group, 50);
            assertThat(behind.fetches).as("the leader's log was purged").isNotEmpty();

            behind.stop();
            Directories.delete(behind.home);
            stores.remove(behind.id);
            PeerId old = behind.self;
            behind.self = new PeerId(old.node(), TestCluster.incarnation(88));
            behind.start();
            RatisGroup now = cluster.awaitLeader(group).group(group);
            cluster.get(now.dismiss(old.node(), TestCluster.LONG));
            behind.open(group, List.of());
            cluster.get(now.admit(behind.self, TestCluster.LONG));
            appendAll(cluster, group, 50, 55);

            assertThat(awaitEqual(cluster, group, 55).batches()).isEqualTo(55);
            assertThat(now.members().voters()).contains(behind.self);
        }
    }

    @Test
    void shouldForgetNothingWhenLeadersKeepStopping() throws Exception {
        try (TestCluster cluster = cluster(TestCluster.quickConfig())) {
            GroupId group = cluster.create();
            int next = 0;
            for (int round = 0; round < 3; round++) {
                appendAll(cluster, group, next, next + 8);
                next += 8;
                TestCluster.Host leader = cluster.awaitLeader(group);
                CompletableFuture<Appended> inFlight = appender(leader, group).append(batch(next));
                leader.stop();
                append(cluster, group, next++); // whatever became of it, once
                await().until(inFlight::isDone);
                leader.start();
                leader.open(group, List.of());
            }

            assertThat(awaitEqual(cluster, group, next).batches()).isEqualTo(next);
        }
    }

    @Test
    void shouldAcknowledgeWithoutSyncsWhenReplicated() throws Exception {
        DiskFlusher behind =
                DiskFlusher.syncingBehind(disk, new ManualScheduler(new ManualClock()), Duration.ofMillis(200));
        try (TestCluster cluster = cluster(TestCluster.quickConfig().withoutSyncedLog(), behind)) {
            GroupId group = cluster.create();

            appendAll(cluster, group, 0, 20);

            awaitEqual(cluster, group, 20);
            assertThat(synced.forces()).as("before anybody waits for the disk").isZero();
            cluster.get(cluster.awaitLeader(group).group(group).checkpoint(TestCluster.LONG));
            assertThat(synced.forces()).as("a checkpoint names what is on disk").isPositive();

            cluster.hosts.values().forEach(TestCluster.Host::stop);
            for (TestCluster.Host host : cluster.hosts.values()) {
                host.start();
                host.open(group, List.of());
            }
            appendAll(cluster, group, 20, 25);
            assertThat(awaitEqual(cluster, group, 25).batches()).isEqualTo(25);
        }
    }

    @Test
    void shouldSyncOnAMajorityBeforeItAcknowledgesWhenFsync() throws Exception {
        try (TestCluster cluster = cluster(TestCluster.quickConfig())) {
            GroupId group = cluster.create();

            for (int sequence = 0; sequence < 20; sequence++) {
                append(cluster, group, sequence);
                assertThat(synced.forces())
                        .as("after %d appends", sequence + 1)
                        .isGreaterThanOrEqualTo(2 * (sequence + 1));
            }
        }
    }

    private TestCluster cluster(RaftConfig config) throws IOException {
        return cluster(config, new DiskFlusher(disk));
    }

    private TestCluster cluster(RaftConfig config, DiskFlusher flusher) throws IOException {
        PartitionConfig partition =
                PartitionConfig.DEFAULT.withLog(new LogConfig(64 << 10, 1L << 40, 0, 8 << 20, true));
        return new TestCluster(directory, config, 3, (host, group, machineDirectory) -> {
            Files.createDirectories(machineDirectory);
            return new PartitionMachineFactory(
                            synced,
                            flusher,
                            stores.computeIfAbsent(host.id, id -> new MemoryStateStore()),
                            PartitionMetrics.NONE)
                    .create(group, machineDirectory, partition, ReplicaListener.NONE);
        });
    }

    private static PartitionStateMachine machine(TestCluster.Host host, GroupId group) {
        return (PartitionStateMachine) host.group(group).machine();
    }

    private PartitionAppender appender(TestCluster.Host host, GroupId group) {
        return new PartitionAppender(
                machine(host, group),
                host.group(group),
                AppenderConfig.DEFAULT,
                Clock.systemUTC(),
                PartitionMetrics.NONE);
    }

    private List<Appended> appendAll(TestCluster cluster, GroupId group, int from, int to) {
        List<Appended> appended = new ArrayList<>();
        for (int sequence = from; sequence < to; sequence++) {
            appended.add(append(cluster, group, sequence));
        }
        return appended;
    }

    /** As an idempotent producer does: the same batch again until it is acknowledged. */
    private Appended append(TestCluster cluster, GroupId group, int sequence) {
        return await().atMost(TestCluster.LONG)
                .until(
                        () -> {
                            TestCluster.Host leader = cluster.awaitLeader(group);
                            try (PartitionAppender appender = appender(leader, group)) {
                                return cluster.get(appender.append(batch(sequence)));
                            } catch (BrokerException e) {
                                assertThat(e.code().kind())
                                        .isIn(ErrorCode.Kind.RETRIABLE, ErrorCode.Kind.UNKNOWN_OUTCOME);
                                return null;
                            }
                        },
                        appended -> appended != null);
    }

    private ByteBuffer batch(int sequence) {
        byte[] value = new byte[RECORD_BYTES];
        random.setSeed(sequence);
        random.nextBytes(value);
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, RECORD_BYTES + 200);
        builder.append(1_000L + sequence, null, ByteBuffer.wrap(value), List.of());
        return builder.producer(PRODUCER, (short) 0, sequence).build();
    }

    private static TestCluster.Host follower(TestCluster cluster, GroupId group) {
        cluster.awaitLeader(group);
        return cluster.hosts.values().stream()
                .filter(host -> !host.leadsReady(group))
                .findFirst()
                .orElseThrow();
    }

    private static PartitionDigest awaitEqual(TestCluster cluster, GroupId group, long highWatermark) {
        for (TestCluster.Host host : cluster.hosts.values()) {
            await().atMost(TestCluster.LONG).until(() -> machine(host, group).highWatermark() == highWatermark);
        }
        PartitionDigest first = machine(cluster.host(1), group).digest();
        for (TestCluster.Host host : cluster.hosts.values()) {
            assertThat(machine(host, group).digest()).as("node %d", host.id).isEqualTo(first);
        }
        return first;
    }
}
