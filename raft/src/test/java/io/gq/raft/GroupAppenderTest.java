package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.BrokerException;
import io.gq.core.GroupId;
import io.gq.core.replication.Outcome;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How entries reach the followers when the way there is bad. */
@Timeout(120)
final class GroupAppenderTest {

    private static final Duration CUTTING = Duration.ofSeconds(5);
    private static final int IN_FLIGHT = 32;

    @TempDir
    Path directory;

    @Test
    void shouldApplyEachAcknowledgedWordOnceAndInOrderWhenConnectionsKeepBreaking() throws Exception {
        long seed = System.nanoTime();
        Map<Integer, CuttingProxy> proxies = new TreeMap<>();
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            for (TestCluster.Host host : cluster.hosts.values()) {
                CuttingProxy proxy = new CuttingProxy(host.raft.port());
                proxies.put(host.id, proxy);
                cluster.addresses.put(RaftHostKind.PARTITIONS, host.self.node(), "127.0.0.1", proxy.port());
            }
            GroupId group = cluster.create();
            cluster.write(group, "first");
            AtomicBoolean done = new AtomicBoolean();
            Thread cutter = new Thread(() -> {
                Random random = new Random(seed);
                while (!done.get()) {
                    proxies.get(1 + random.nextInt(3)).cut();
                    java.util.concurrent.locks.LockSupport.parkNanos(
                            TimeUnit.MILLISECONDS.toNanos(5 + random.nextInt(60)));
                }
            });
            cutter.start();
            List<String> acknowledged;
            try {
                acknowledged = writeFor(cluster, group, CUTTING);
            } finally {
                done.set(true);
                cutter.join();
            }
            cluster.write(group, "last");

            List<String> words = cluster.awaitLeader(group).machine(group).words();
            assertThat(words).as("seed %d", seed).doesNotHaveDuplicates();
            assertThat(acknowledged).as("seed %d", seed).hasSizeGreaterThan(50);
            assertThat(words).as("seed %d", seed).containsSubsequence(acknowledged);
            cluster.awaitWords(group, words);
        } finally {
            for (CuttingProxy proxy : proxies.values()) {
                proxy.close();
            }
        }
    }

    /** No word is tried twice, for one whose outcome is unknown may be in. */
    private static List<String> writeFor(TestCluster cluster, GroupId group, Duration time) throws Exception {
        Semaphore room = new Semaphore(IN_FLIGHT);
        Map<String, CompletableFuture<Outcome>> tried = new java.util.LinkedHashMap<>();
        long end = System.nanoTime() + time.toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            String word = (i % 2 == 0 ? "+" : "") + "w" + i;
            RatisGroup leading = cluster.awaitLeader(group).group(group);
            room.acquire();
            CompletableFuture<Outcome> outcome =
                    leading.propose(ToyMachine.bytes(word), word.startsWith("+") ? ByteBuffer.allocate(3_000) : null);
            tried.put(word, outcome);
            CompletableFuture<?> unused = outcome.whenComplete((done, failure) -> room.release());
        }
        List<String> acknowledged = new ArrayList<>();
        tried.forEach((word, outcome) -> {
            try {
                if (cluster.get(outcome).accepted()) {
                    acknowledged.add(word);
                }
            } catch (BrokerException e) {
                assertThat(e.code()).isNotNull(); // refused, or unknown: both may be
            }
        });
        return acknowledged;
    }

    private static TestCluster.Host stopAFollower(TestCluster cluster, GroupId group) {
        TestCluster.Host leader = cluster.awaitLeader(group);
        TestCluster.Host follower = cluster.hosts.values().stream()
                .filter(host -> host != leader)
                .findFirst()
                .orElseThrow();
        follower.stop();
        return follower;
    }

    private static void writeAll(TestCluster cluster, GroupId group, List<String> words) {
        List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        TestCluster.Host leader = cluster.awaitLeader(group);
        for (String word : words) {
            outcomes.add(leader.group(group)
                    .propose(ToyMachine.bytes(word), word.startsWith("+") ? ByteBuffer.allocate(5_000) : null));
        }
        outcomes.forEach(outcome -> assertThat(cluster.get(outcome).accepted()).isTrue());
    }

    private static void startAgain(TestCluster.Host host, GroupId group) throws Exception {
        host.start();
        host.open(group, List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "5, 3, -1, 9, 3", // it goes back
        "5, 5, -1, 9, 4", // and not to the same again
        "0, 0, -1, 9, 0",
        "5, 2, 3, 9, 4", // but not behind what it holds
        "4, 2, 3, 9, 2",
        "2, 7, -1, 9, 7", // it has a snapshot
        "2, 502, -1, 63, 63", // it has what nobody committed
        "63, 502, -1, 63, 62",
        "-1, 502, -1, 63, 63" // a heartbeat
    })
    void shouldGoOnWithinItsOwnLogWhenAFollowerLacksWhatComesBefore(
            long firstSent, long told, long matched, long endIndex, long next) {
        assertThat(GroupAppender.nextAfterInconsistency(firstSent, told, matched, endIndex))
                .isEqualTo(next);
    }

    @Test
    void shouldCatchUpInThePoolWhenAFollowerIsFarBehind() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host follower = stopAFollower(cluster, group);
            List<String> words = new ArrayList<>(TestCluster.words("+w", 700));
            writeAll(cluster, group, words);

            startAgain(follower, group);

            words.add(0, "a");
            cluster.awaitWords(group, words);
            assertThat(follower.fetches).as("the leader's log was enough").isEmpty();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .anyMatch(name -> name.startsWith("gq-raft-catch-up"));
            cluster.write(group, "z");
            words.add("z");
            cluster.awaitWords(group, words);
        }
    }

    @Test
    void shouldSendForASnapshotWhenTheLogNoLongerReachesBack() throws Exception {
        RaftConfig forgetful = TestCluster.quickConfig().withLog(1024, 50, 5);
        try (TestCluster cluster = new TestCluster(directory, forgetful, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host follower = stopAFollower(cluster, group);
            List<String> words = new ArrayList<>(TestCluster.words("+w", 400));
            writeAll(cluster, group, words);
            TestCluster.Host leader = cluster.awaitLeader(group);
            await().atMost(TestCluster.LONG).until(() -> leader.machine(group).purgedBelow > 100);

            startAgain(follower, group);

            words.add(0, "a");
            cluster.awaitWords(group, words);
            assertThat(follower.fetches).isNotEmpty();
            cluster.write(group, "z");
            words.add("z");
            cluster.awaitWords(group, words);
        }
    }
}
