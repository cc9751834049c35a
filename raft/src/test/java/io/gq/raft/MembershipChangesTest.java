package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that are dismissed and admitted while leaders change. Findings C1 to C3 of docs/design/0002. */
final class MembershipChangesTest {

    @TempDir
    Path directory;

    @Test
    void shouldTakeTheReplicaInWhenTheLeaderChangedDuringItsDismissal() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = leaderChangesDuringDismissal(cluster);
            TestCluster.Host lost = cluster.host(2);

            long term =
                    cluster.get(cluster.awaitLeader(group).group(group).dismiss(lost.self.node(), TestCluster.LONG));
            lost.raft.openEmpty(group, term, lost);
            cluster.get(cluster.awaitLeader(group).group(group).admit(lost.self, TestCluster.LONG));

            assertThat(term)
                    .as("nobody had to step down")
                    .isEqualTo(
                            cluster.awaitLeader(group).group(group).leadership().term());
            cluster.write(group, "b");
            cluster.awaitWords(group, List.of("a", "b"));
            assertThat(cluster.awaitLeader(group).group(group).members().voters())
                    .containsExactlyInAnyOrderElementsOf(cluster.peers());
        }
    }

    /** What a leader is left with when Ratis fails between noting a change and starting it. */
    @Test
    void shouldTakeTheReplicaInAfterAnAdmissionFailedInTheMiddle() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = leaderChangesDuringDismissal(cluster);
            TestCluster.Host lost = cluster.host(2);
            TestCluster.Host leader = cluster.awaitLeader(group);
            assertThatThrownBy(() -> cluster.get(admitByRatisAlone(leader, group, lost)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("duplicated");
            assertThatThrownBy(() -> cluster.get(admitByRatisAlone(leader, group, lost)))
                    .as("the failed request is in the way of every later one")
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(null);
            long before = leader.group(group).leadership().term();

            long dismissed = cluster.get(leader.group(group).dismiss(lost.self.node(), TestCluster.LONG));
            lost.raft.openEmpty(group, dismissed, lost);
            assertThatThrownBy(() -> cluster.get(leader.group(group).admit(lost.self, TestCluster.LONG)))
                    .isInstanceOf(BrokerException.class)
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.NOT_READY);
            TestCluster.Host next = cluster.awaitLeader(
                    group, host -> host.group(group).leadership().term() > before);
            cluster.get(next.group(group).admit(lost.self, TestCluster.LONG));

            cluster.write(group, "b");
            cluster.awaitWords(group, List.of("a", "b"));
        }
    }

    @Test
    void shouldNotDismissByALeaderThatMayBeDeposed() throws Exception {
        RaftConfig patient = TestCluster.quickConfig()
                .withElectionTimeout(Duration.ofMinutes(5), Duration.ofMinutes(6))
                .withFirstElectionTimeout(Duration.ofMinutes(5), Duration.ofMinutes(6));
        try (TestCluster cluster = new TestCluster(directory, patient, 3)) { // it goes on leading, for all it knows
            GroupId group = cluster.create();
            cluster.host(1).group(group).startElection();
            RatisGroup leading = cluster.awaitLeader(group).group(group);
            cluster.get(leading.dismiss(cluster.host(2).self.node(), TestCluster.LONG));
            cluster.get(leading.dismiss(cluster.host(2).self.node(), TestCluster.LONG));
            cluster.host(3).stop();

            assertThatThrownBy(() ->
                            cluster.get(leading.dismiss(cluster.host(2).self.node(), Duration.ofMillis(300))))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.NO_QUORUM);
            assertThat(leading.leadership().role()).isEqualTo(Leadership.Role.LEADER);
        }
    }

    @Test
    void shouldSetAsideOneReplicaAtATimeWhenTwoAreCondemned() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            RatisGroup leading = cluster.lead(group, 1).group(group);
            TestCluster.Host first = cluster.host(2);
            TestCluster.Host second = cluster.host(3);
            first.raft.condemn(group, "rotten");
            second.raft.condemn(group, "rotten as well");
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));

            long term = cluster.get(leading.dismiss(first.self.node(), TestCluster.LONG));
            first.raft.damaged(group, "rotten"); // of no effect where the news of the dismissal was faster
            await().atMost(TestCluster.LONG).until(() -> first.failures.containsKey(group));
            assertThat(first.failures.get(group).kind()).isEqualTo(GroupFailure.Kind.DAMAGED);
            assertThat(first.failures.get(group).message()).isEqualTo("rotten");
            assertThat(first.raft.presence(group)).isEqualTo(RaftHost.Presence.GONE);
            assertThat(first.home.resolve("raft/damaged")).isNotEmptyDirectory();
            assertThatThrownBy(() -> cluster.get(leading.dismiss(second.self.node(), TestCluster.LONG)))
                    .as("its vote is needed until the first is back")
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.NOT_READY);
            cluster.get(leading.propose(ToyMachine.bytes("b"), ByteBuffer.allocate(0)));

            first.raft.openEmpty(group, term, first);
            cluster.get(leading.admit(first.self, TestCluster.LONG));
            cluster.get(leading.dismiss(second.self.node(), TestCluster.LONG));
            second.raft.damaged(group, "rotten as well");
            await().atMost(TestCluster.LONG).until(() -> second.failures.containsKey(group));
            assertThat(second.raft.presence(group)).isEqualTo(RaftHost.Presence.GONE);
            first.awaitWords(group, List.of("a", "b"));
        }
    }

    @Test
    void shouldBeAbleToStepDownWhereItIsTooDamagedToTakeAMemberIn() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            TestCluster.Host rotten = cluster.lead(group, 1);
            TestCluster.Host lost = cluster.host(2);
            TestCluster.Host whole = cluster.host(3);
            cluster.write(group, "+a");
            cluster.awaitWords(group, List.of("+a"));
            long term = cluster.get(rotten.group(group).dismiss(lost.self.node(), TestCluster.LONG));
            lose(lost, group, List.of());
            lost.raft.openEmpty(group, term, lost);
            rotten.machine(group).readDamaged = true;

            CompletableFuture<Void> admission = rotten.group(group).admit(lost.self, TestCluster.LONG);
            await().atMost(TestCluster.LONG).until(() -> rotten.damages.containsKey(group));
            assertThat(rotten.damages).containsEntry(group, "toy: rotten");
            rotten.raft.condemn(group, "rotten");
            assertThat(rotten.group(group).condemned()).isTrue();
            rotten.propose(group, "b");
            assertThat(rotten.failures).as("it goes on").isEmpty();
            assertThatThrownBy(() ->
                            cluster.get(rotten.group(group).transferLeadership(whole.self.node(), TestCluster.LONG)))
                    .isInstanceOf(BrokerException.class);
            cluster.get(rotten.group(group).stepDown(TestCluster.LONG));

            assertThatThrownBy(() -> cluster.get(admission)).isInstanceOf(BrokerException.class);
            cluster.lead(group, 3);
            cluster.get(whole.group(group).admit(lost.self, TestCluster.LONG));
            cluster.awaitWords(group, List.of("+a", "b"));
        }
    }

    @Test
    void shouldTakeNothingFromLeadersOfBeforeItsDismissalWhenOpenedEmpty() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            RaftHost raft = replica.host.raft;
            replica.append(replica.leader(LoneReplica.SECOND, 3).append(null, 0, "a"));
            lose(replica.host, replica.group, replica.founders());

            raft.openEmpty(replica.group, 5, replica.host);

            FakeLeader old = replica.leader(LoneReplica.SECOND, 4);
            assertThat(replica.append(old.append(null, 0, "a", "b")).getResult())
                    .isEqualTo(AppendResult.NOT_LEADER);
            assertThat(replica.gated()
                            .installSnapshot(old.notice(TermIndex.valueOf(4, 2)))
                            .getResult())
                    .isEqualTo(InstallSnapshotResult.NOT_LEADER);
            assertThatThrownBy(() -> replica.gated().requestVote(old.requestVote(TermIndex.valueOf(4, 9), false)))
                    .as("an empty replica does not vote")
                    .isInstanceOf(IOException.class);
            assertThat(replica.host.fetches).isEmpty();

            replica.host.stop();
            replica.host.start();
            replica.host.open(replica.group, List.of());
            assertThat(replica.append(old.append(null, 0, "a", "b")).getResult())
                    .as("it is on the disk")
                    .isEqualTo(AppendResult.NOT_LEADER);
            assertThat(replica.append(replica.leader(LoneReplica.THIRD, 5).append(null, 0, "c"))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
        }
    }

    /**
     * Host 2 has lost the group's files. Host 1 begins to dismiss it while host 3 does not answer, steps down, and leads again, with the dismissal
     * in its log: its configuration is without host 2 and committed.
     */
    private static GroupId leaderChangesDuringDismissal(TestCluster cluster) throws IOException {
        GroupId group = cluster.create();
        TestCluster.Host one = cluster.lead(group, 1);
        cluster.write(group, "a");
        cluster.awaitWords(group, List.of("a"));
        lose(cluster.host(2), group, cluster.peers());
        // At once: a server takes longer to stop than its leader waits for it.
        cluster.host(3).raft.hosted(group).orElseThrow().gate().close("cut off");
        CompletableFuture<Long> unanswered =
                one.group(group).dismiss(cluster.host(2).self.node(), TestCluster.LONG);
        await().atMost(TestCluster.LONG)
                .until(() -> one.group(group).leadership().role() != Leadership.Role.LEADER);
        assertThat(unanswered).failsWithin(TestCluster.LONG);
        assertThat(one.raft
                        .hosted(group)
                        .orElseThrow()
                        .division()
                        .getRaftConf()
                        .getPreviousPeers(RaftPeerRole.FOLLOWER))
                .as("the configuration is joint")
                .hasSize(3);
        cluster.host(3).stop();
        cluster.host(3).start();
        cluster.host(3).open(group, List.of());
        assertThat(cluster.awaitLeader(group))
                .as("the only one with the whole log")
                .isSameAs(one);
        await().atMost(TestCluster.LONG)
                .until(() -> one.group(group).members().voters().size() == 2);
        return group;
    }

    private static void lose(TestCluster.Host host, GroupId group, List<PeerId> founders) throws IOException {
        host.raft.close(group);
        Files.createFile(host.machineDirectory(group).resolve("damaged"));
        assertThatThrownBy(() -> host.open(group, founders)).isInstanceOf(BrokerException.class);
    }

    private static CompletableFuture<?> admitByRatisAlone(
            TestCluster.Host leader, GroupId group, TestCluster.Host joining) throws IOException {
        HostedGroup hosted = leader.raft.hosted(group).orElseThrow();
        List<RaftPeer> voters = new ArrayList<>(hosted.division().getRaftConf().getCurrentPeers());
        voters.add(RaftHost.raftPeer(RaftHostKind.PARTITIONS, joining.self));
        return leader.raft
                .server()
                .setConfigurationAsync(new SetConfigurationRequest(
                        ClientId.randomId(), leader.raft.server().getId(), hosted.raftId(), 1, voters));
    }
}
