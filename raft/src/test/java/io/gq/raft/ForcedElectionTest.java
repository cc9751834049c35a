package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Elections that are started from outside, as a dead leader's survivors do: right, wrong, late and at once. */
final class ForcedElectionTest {

    private static final RaftConfig PATIENT = TestCluster.quickConfig()
            .withElectionTimeout(Duration.ofSeconds(60), Duration.ofSeconds(61))
            .withFirstElectionTimeout(Duration.ofSeconds(60), Duration.ofSeconds(61));

    @TempDir
    Path directory;

    @Test
    void shouldSayHowAReplicaStands() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, PATIENT, 3)) {
            GroupId group = ledByOne(cluster);
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));

            assertThat(cluster.host(1).group(group).standing()).as("it leads").isEmpty();
            Standing two = cluster.host(2).group(group).standing().orElseThrow();
            assertThat(two.leader()).contains(new NodeId(1));
            assertThat(two.voters()).containsExactlyInAnyOrder(new NodeId(1), new NodeId(2), new NodeId(3));
            assertThat(two.term()).isEqualTo(1);
            assertThat(two.last().term()).isEqualTo(1);
            assertThat(cluster.host(2).raft.lastAppendNanos(new NodeId(1))).isPresent();
            assertThat(cluster.host(2).raft.lastAppendNanos(new NodeId(3))).isEmpty();
        }
    }

    @Test
    void shouldKeepWhatWasAcknowledgedWhenTheFurtherReplicaStands() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, PATIENT, 3)) {
            GroupId group = ledByOne(cluster);
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            cluster.host(3).stop();
            cluster.write(group, "b");
            await().until(() -> cluster.host(2).machine(group).words().equals(List.of("a", "b")));
            cluster.host(1).stop();
            cluster.host(3).start();
            cluster.host(3).open(group, List.of());

            assertThat(last(cluster, 3, group)).isLessThan(last(cluster, 2, group));
            assertThat(cluster.host(2).group(group).startElection()).isTrue();

            assertThat(cluster.awaitLeader(group)).isSameAs(cluster.host(2));
            cluster.write(group, "c");
            cluster.awaitWords(group, List.of("a", "b", "c"));
        }
    }

    @Test
    void shouldNotLetALaggardWinWhateverItThinks() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) { // Raft's own timeouts come to the rescue
            GroupId group = ledByOne(cluster);
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            cluster.host(3).stop();
            cluster.write(group, "b");
            TestCluster.Host leader = cluster.awaitLeader(group);
            TestCluster.Host follower = cluster.host(leader.id == 1 ? 2 : 1);
            await().until(() -> follower.machine(group).words().equals(List.of("a", "b")));
            leader.stop();
            cluster.host(3).start();
            cluster.host(3).open(group, List.of());

            cluster.host(3).group(group).startElection(); // accepted or not: it must not win

            assertThat(cluster.awaitLeader(group)).isSameAs(follower);
            cluster.write(group, "c");
            cluster.awaitWords(group, List.of("a", "b", "c"));
        }
    }

    @Test
    void shouldNotStandByItselfWhileItIsPutOff() throws Exception {
        RaftConfig config =
                TestCluster.quickConfig().withElectionTimeout(Duration.ofMillis(1500), Duration.ofMillis(2000));
        try (TestCluster cluster = new TestCluster(directory, config, 3)) {
            GroupId group = ledByOne(cluster);
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            CompletableFuture<Void> stopped =
                    CompletableFuture.runAsync(() -> cluster.host(1).stop());
            AtomicInteger rounds = new AtomicInteger();
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .atMost(TestCluster.LONG)
                    .until(() -> {
                        cluster.host(2).group(group).putOffElection();
                        cluster.host(3).group(group).putOffElection();
                        return rounds.incrementAndGet() >= 80 && stopped.isDone();
                    });
            stopped.join();
            assertThat(List.of(term(cluster, 2, group), term(cluster, 3, group)))
                    .as("four seconds without an election")
                    .containsOnly(1L);

            assertThat(cluster.host(2).group(group).startElection()).isTrue();

            assertThat(cluster.awaitLeader(group)).isSameAs(cluster.host(2));
            cluster.write(group, "b");
            cluster.awaitWords(group, List.of("a", "b"));
        }
    }

    @Test
    void shouldElectTheFurtherReplicaAtOnceAfterALaggardLost() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, PATIENT, 3)) { // nobody's timeout helps
            GroupId group = ledByOne(cluster);
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            cluster.host(3).stop();
            cluster.write(group, "b");
            await().until(() -> cluster.host(2).machine(group).words().equals(List.of("a", "b")));
            cluster.host(1).stop();
            cluster.host(3).start();
            cluster.host(3).open(group, List.of());
            assertThat(cluster.host(3).group(group).startElection()).isTrue();
            await("the laggard's election raises the term of both, and ends")
                    .atMost(TestCluster.LONG)
                    .until(() -> term(cluster, 2, group) == 2 && term(cluster, 3, group) == 2);
            assertThat(last(cluster, 2, group).term())
                    .as("Ratis' own call lets nobody stand now")
                    .isEqualTo(1);

            assertThat(cluster.host(2).group(group).startElection()).isTrue();

            assertThat(cluster.awaitLeader(group)).isSameAs(cluster.host(2));
            cluster.write(group, "c");
            cluster.awaitWords(group, List.of("a", "b", "c"));
        }
    }

    @Test
    void shouldOnlyMoveTheLeaderWhenTheOldOneLives() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, PATIENT, 3)) {
            GroupId group = ledByOne(cluster);
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));

            assertThat(cluster.host(2).group(group).startElection()).isTrue();

            assertThat(cluster.awaitLeader(group, host -> host.id != 1)).isSameAs(cluster.host(2));
            await().until(() -> cluster.host(1).machine(group).events.contains("follow"));
            cluster.write(group, "b");
            cluster.awaitWords(group, List.of("a", "b"));
        }
    }

    @Test
    void shouldEndWithOneLeaderWhenBothSurvivorsStandAtOnce() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = ledByOne(cluster);
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            cluster.awaitLeader(group).stop();
            List<TestCluster.Host> survivors = cluster.hosts.values().stream()
                    .filter(host -> host.raft != null)
                    .toList();

            CompletableFuture.allOf(survivors.stream()
                            .map(host -> CompletableFuture.runAsync(
                                    () -> host.group(group).startElection()))
                            .toArray(CompletableFuture[]::new))
                    .join();

            cluster.write(group, "b"); // again, where the outcome of the first attempt is not known
            cluster.write(group, "end");
            await().atMost(TestCluster.LONG)
                    .until(() -> survivors.stream()
                            .allMatch(host -> host.machine(group).words().contains("end")));
            assertThat(survivors.get(0).machine(group).words())
                    .isEqualTo(survivors.get(1).machine(group).words())
                    .startsWith("a", "b");
        }
    }

    private static GroupId ledByOne(TestCluster cluster) {
        GroupId group = cluster.create();
        cluster.lead(group, 1);
        return group;
    }

    /** Of a follower; 0 while it is none. */
    private static long term(TestCluster cluster, int host, GroupId group) {
        return cluster.host(host).group(group).standing().map(Standing::term).orElse(0L);
    }

    private static LogPosition last(TestCluster cluster, int host, GroupId group) {
        return cluster.host(host).group(group).standing().orElseThrow().last();
    }
}
