package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.Outcome;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the users of a group on a node can ask of it. */
final class RatisGroupTest {

    @TempDir
    Path directory;

    @Test
    void shouldAnswerEachProposalWhenOneReplicaIsAll() throws Exception {
        try (TestCluster cluster =
                new TestCluster(directory, TestCluster.quickConfig().withPending(4, 1 << 20), 1)) {
            GroupId group = cluster.create();
            TestCluster.Host host = cluster.awaitLeader(group);

            assertThat(ToyMachine.text(host.propose(group, "one").reply())).isEqualTo("echo one");
            assertThat(host.propose(group, "+two", new byte[0]).accepted())
                    .as("empty payload is none")
                    .isTrue();
            assertThat(host.machine(group).storedTerms).isEmpty();

            Outcome rejected = host.propose(group, "reject");
            assertThat(rejected.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(rejected.message()).contains("told to reject");

            long term = host.group(group).leadership().term();
            for (int i = 0; i < 100; i++) { // each costs Ratis one of its permits
                assertCode(ErrorCode.NOT_READY, () -> host.propose(group, "refuse"));
            }
            assertThat(host.group(group).leadership().term())
                    .as("a refusal does not make the leader step down")
                    .isEqualTo(term);

            assertCode(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    () -> host.propose(
                            group, "+big", new byte[TestCluster.quickConfig().entryBytesMax()]));
            byte[] largest = new byte[TestCluster.quickConfig().entryBytesMax() - 4];
            assertThat(host.propose(group, "+big", largest).accepted()).isTrue();

            throttle(cluster, host, group);
            assertThat(host.machine(group).words()).startsWith("one", "+two", "+big");
            assertThat(host.machine(group).events).containsExactly("lead " + term);
        }
    }

    private static void throttle(TestCluster cluster, TestCluster.Host host, GroupId group) {
        CompletableFuture<Void> disk = new CompletableFuture<>();
        host.machine(group).writeAnswer.set(disk);
        List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waiting.add(host.group(group).propose(ToyMachine.bytes("+w" + i), ByteBuffer.allocate(1)));
        }
        assertThat(waiting.subList(4, 8)).allMatch(CompletableFuture::isCompletedExceptionally);
        assertCode(ErrorCode.THROTTLED, () -> cluster.get(waiting.get(4)));
        disk.complete(null);
        for (CompletableFuture<Outcome> accepted : waiting.subList(0, 4)) {
            assertThat(cluster.get(accepted).accepted()).isTrue();
        }
    }

    @Test
    void shouldKeepCallOrderWhenOneThreadProposes() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            RatisGroup leading = cluster.awaitLeader(group).group(group);
            List<String> words = TestCluster.words("w", 200);
            List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();

            words.forEach(word -> outcomes.add(leading.propose(ToyMachine.bytes(word), null)));
            outcomes.forEach(
                    outcome -> assertThat(cluster.get(outcome).accepted()).isTrue());

            cluster.awaitWords(group, words);
        }
    }

    @Test
    void shouldSayWhoLeadsAndHowFarMembersAre() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host leader = cluster.awaitLeader(group);
            cluster.awaitWords(group, List.of("a"));
            TestCluster.Host follower = otherThan(cluster, leader);

            Leadership seen = follower.group(group).leadership();
            assertThat(seen.role()).isEqualTo(Leadership.Role.FOLLOWER);
            assertThat(seen.leader()).contains(leader.self.node());
            assertThat(seen.ready()).isFalse();
            assertThat(follower.group(group).members().voters()).containsExactlyInAnyOrderElementsOf(cluster.peers());

            await().until(() ->
                    leader.group(group).status().lags().values().stream().allMatch(lag -> lag == 0));
            GroupStatus status = leader.group(group).status();
            assertThat(status.leadership().ready()).isTrue();
            assertThat(status.lastIndex()).isEqualTo(status.commitIndex()).isEqualTo(status.appliedIndex());
            assertThat(status.checkpointIndex()).isEqualTo(-1);
            assertThat(status.lags()).hasSize(2);
            assertThat(follower.group(group).status().lags()).isEmpty();

            assertThat(cluster.get(leader.group(group).checkpoint(TestCluster.LONG)))
                    .isEqualTo(status.lastIndex());
            assertThat(leader.group(group).status().checkpointIndex()).isEqualTo(status.lastIndex());
            assertThat(leader.leaderships).anyMatch(Leadership::ready);
            await().until(() ->
                    follower.leaderships.stream().anyMatch(told -> told.leader().equals(seen.leader())));

            assertCode(ErrorCode.NOT_LEADER, () -> follower.propose(group, "b"));
            assertCode(
                    ErrorCode.NOT_LEADER,
                    () -> cluster.get(follower.group(group).dismiss(leader.self.node(), TestCluster.LONG)));
        }
    }

    @Test
    void shouldReadItsOwnWritesOnAFollowerWhenBehindABarrier() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            for (int i = 0; i < 10; i++) {
                cluster.write(group, "w" + i);
                TestCluster.Host leader = cluster.awaitLeader(group);
                TestCluster.Host follower = otherThan(cluster, leader);

                cluster.get(follower.group(group).readBarrier(TestCluster.LONG));

                assertThat(follower.machine(group).words()).contains("w" + i);
            }
            cluster.get(cluster.awaitLeader(group).group(group).readBarrier(TestCluster.LONG));
        }
    }

    @Test
    void shouldNotKnowTheOutcomeWhenTheMajorityIsLost() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host leader = cluster.awaitLeader(group);
            cluster.get(leader.group(group).readBarrier(TestCluster.LONG));
            cluster.hosts.values().stream().filter(host -> host != leader).forEach(TestCluster.Host::stop);

            // Nothing was committed since the last barrier; Ratis alone would take that for an answer.
            var barrier = leader.group(group).readBarrier(Duration.ofMillis(100));
            var pending = leader.group(group).propose(ToyMachine.bytes("b"), null);

            assertThatThrownBy(() -> cluster.get(barrier)).isInstanceOf(BrokerException.class);
            assertCode(ErrorCode.OUTCOME_UNKNOWN, () -> cluster.get(pending));
            await().until(() -> leader.machine(group).events.contains("follow"));
            assertThatThrownBy(() -> leader.propose(group, "c"))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.NOT_LEADER);

            for (TestCluster.Host host : cluster.hosts.values()) {
                if (host.raft == null) {
                    host.start();
                    host.open(group, List.of());
                }
            }
            cluster.write(group, "d");
            await().until(() -> leader.machine(group).words().contains("d"));
            // Nobody could promise either way what became of b, but all agree on it.
            assertThat(leader.machine(group).words()).isIn(List.of("a", "d"), List.of("a", "b", "d"));
            cluster.awaitWords(group, leader.machine(group).words());
        }
    }

    @Test
    void shouldHandOverWhenAsked() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host leader = cluster.awaitLeader(group);
            TestCluster.Host next = otherThan(cluster, leader);

            cluster.get(leader.group(group).transferLeadership(next.self.node(), TestCluster.LONG));

            await().until(() -> next.leadsReady(group));
            assertThat(next.propose(group, "b").accepted()).isTrue();
            assertCode(
                    ErrorCode.INVALID_REQUEST,
                    () -> cluster.get(next.group(group).transferLeadership(new NodeId(99), TestCluster.LONG)));
            assertThat(leader.machine(group).events).contains("follow");
        }
    }

    @Test
    void shouldElectAtOnceWhenToldTo() throws Exception {
        RaftConfig patient = TestCluster.quickConfig()
                .withElectionTimeout(Duration.ofSeconds(60), Duration.ofSeconds(61))
                .withFirstElectionTimeout(Duration.ofSeconds(60), Duration.ofSeconds(61));
        try (TestCluster cluster = new TestCluster(directory, patient, 3)) {
            GroupId group = cluster.create();

            assertThat(cluster.host(2).group(group).startElection()).isTrue();

            assertThat(cluster.awaitLeader(group)).isSameAs(cluster.host(2));
            assertThat(cluster.host(2).group(group).startElection())
                    .as("it leads")
                    .isFalse();
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));

            cluster.host(2).stop();
            assertThat(cluster.host(3).group(group).startElection())
                    .as("with the dead leader as requestor")
                    .isTrue();
            assertThat(cluster.awaitLeader(group)).isSameAs(cluster.host(3));
            assertThat(cluster.host(3).propose(group, "b").accepted()).isTrue();
        }
    }

    @Test
    void shouldStandAgainWhenAVoteFailed() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.append(replica.leader(LoneReplica.SECOND, 1).append(null, 0, "a"));
            RatisGroup alone = replica.host.group(replica.group);

            for (long term = 2; term <= 4; term++) { // its last entry stays one of term 1
                assertThat(alone.startElection()).isTrue();
                long raised = term;
                await().until(() -> alone.leadership().term() == raised
                        && alone.leadership().role() == Leadership.Role.FOLLOWER);
            }
        }
    }

    @Test
    void shouldKnowLessOfWhatIsCommittedAfterARestart() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a", "b", "c", "d"));
            replica.append(leader.heartbeat(org.apache.ratis.server.protocol.TermIndex.valueOf(1, 3), 3));
            replica.host.awaitWords(replica.group, List.of("a", "b", "c", "d"));
            cluster(replica).get(replica.host.group(replica.group).checkpoint(TestCluster.LONG));
            replica.append(leader.append(org.apache.ratis.server.protocol.TermIndex.valueOf(1, 3), 4, "e"));
            replica.append(leader.heartbeat(org.apache.ratis.server.protocol.TermIndex.valueOf(1, 4), 4));
            replica.host.awaitWords(replica.group, List.of("a", "b", "c", "d", "e"));

            replica.host.stop();
            replica.host.start();
            GroupStatus status = replica.host.open(replica.group, List.of()).status();

            assertThat(status.lastIndex()).isEqualTo(4);
            assertThat(status.commitIndex()).as("the checkpoint's index").isEqualTo(3);
            assertThat(status.appliedIndex()).isEqualTo(3);
        }
    }

    private static TestCluster cluster(LoneReplica replica) {
        return replica.cluster;
    }

    private static TestCluster.Host otherThan(TestCluster cluster, TestCluster.Host leader) {
        return cluster.hosts.values().stream()
                .filter(host -> host != leader)
                .findFirst()
                .orElseThrow();
    }

    private static void assertCode(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(BrokerException.class)
                .extracting(e -> ((BrokerException) e).code())
                .isEqualTo(code);
    }
}
