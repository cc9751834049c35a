package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows a leader's notice that its log begins later. Findings S1 to S5 of docs/design/0002. */
final class SnapshotFindingsTest {

    @TempDir
    Path directory;

    private final CountDownLatch copying = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    @Test
    void shouldTouchNothingWhenTheLogReachesTheLeaders() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a", "+b", "c", "d"));

            InstallSnapshotReplyProto reply = replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 2)));

            assertThat(reply.getResult()).isEqualTo(InstallSnapshotResult.ALREADY_INSTALLED);
            assertThat(reply.getSnapshotIndex())
                    .as("the entry is the leader's, so are all before it")
                    .isEqualTo(2);
            assertThat(replica.host.fetches).isEmpty();
            assertThat(replica.append(leader.append(TermIndex.valueOf(1, 3), 4, "e"))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
            assertThat(replica.machine().storedTerms).containsOnlyKeys(1L);
        }
    }

    @Test
    void shouldAgreeUpToTheCommitIndexWhenItReachesTheLeaders() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a", "b", "c"));
            replica.append(leader.heartbeat(TermIndex.valueOf(1, 2), 2));
            replica.host.awaitWords(replica.group, List.of("a", "b", "c"));

            InstallSnapshotReplyProto reply = replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 2)));

            assertThat(reply.getResult()).isEqualTo(InstallSnapshotResult.ALREADY_INSTALLED);
            assertThat(reply.getSnapshotIndex()).isEqualTo(2);
            assertThat(replica.host.fetches).isEmpty();
        }
    }

    /** A leader that has purged the entry before its first cannot name it, and without it sends nothing: it would ask for ever. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCopyWhenTheLogOrTheCheckpointEndsRightBeforeTheLeaders(boolean checkpoint) throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a", "b", "c"));
            replica.append(leader.heartbeat(TermIndex.valueOf(1, 2), 2));
            replica.host.awaitWords(replica.group, List.of("a", "b", "c"));
            if (checkpoint) {
                assertThat(replica.cluster.get(replica.host.group(replica.group).checkpoint(TestCluster.LONG)))
                        .isEqualTo(2);
                await().until(() -> replica.log().getSnapshotIndex() == 2);
            }
            replica.host.fetcher = (group, from, held) -> snapshot(3, "a", "b", "c", "d");

            await().until(() -> replica.gated()
                            .installSnapshot(leader.notice(TermIndex.valueOf(1, 3)))
                            .getResult()
                    == InstallSnapshotResult.SNAPSHOT_INSTALLED);

            assertThat(replica.append(leader.append(TermIndex.valueOf(1, 3), 4, "f"))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
        }
    }

    @Test
    void shouldCopyNothingWhenTheLeadersLogIsWhole() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a"));

            InstallSnapshotReplyProto reply = replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 0)));

            assertThat(reply.getResult()).isEqualTo(InstallSnapshotResult.SNAPSHOT_UNAVAILABLE);
            assertThat(replica.host.fetches).isEmpty();
            assertThat(replica.append(leader.append(TermIndex.valueOf(1, 0), 1, "b"))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
        }
    }

    /** A former leader's entries that nobody else has, where the next leader has purged the place at which they part. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDropTheEndOfItsLogAndKeepTheRestWhenItDivergesAtTheLeadersFirst(boolean knowsTheTerm) throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.append(replica.leader(LoneReplica.SECOND, 1).append(null, 0, "a", "b", "+c", "+d"));
            FakeLeader leader = replica.leader(LoneReplica.THIRD, 3);
            if (knowsTheTerm) {
                replica.append(leader.heartbeat(null, -1));
            }
            replica.host.fetcher = (group, from, held) -> {
                copying.countDown();
                hold(mayEnd);
                return snapshot(4, "a", "x", "y");
            };

            noticeUntilCopying(replica, leader);

            assertThat(replica.log().getLastEntryTermIndex())
                    .as("what may be committed stays")
                    .isEqualTo(TermIndex.valueOf(1, 1));
            assertThat(replica.machine().storedTerms).as("payloads").isEmpty();

            mayEnd.countDown();
            await().until(() -> replica.gated()
                            .installSnapshot(leader.notice(TermIndex.valueOf(2, 2)))
                            .getResult()
                    == InstallSnapshotResult.SNAPSHOT_INSTALLED);
            assertThat(replica.append(leader.append(TermIndex.valueOf(1, 4), 5, "z"))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
            replica.append(leader.heartbeat(TermIndex.valueOf(3, 5), 5));
            replica.host.awaitWords(replica.group, List.of("a", "x", "y", "z"));
            assertThat(replica.host.failures).isEmpty();

            replica.host.stop();
            replica.host.start();
            replica.host.open(replica.group, List.of());
            assertThat(replica.machine().words()).isEqualTo(List.of("a", "x", "y"));
            replica.append(leader.heartbeat(TermIndex.valueOf(3, 5), 5));
            replica.host.awaitWords(replica.group, List.of("a", "x", "y", "z"));
        }
    }

    @Test
    void shouldKeepItsVoteAndWhatMayBeCommittedWhenItsEndWasDropped() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.append(replica.leader(LoneReplica.SECOND, 1).append(null, 0, "a", "b", "+c", "+d"));
            replica.host.fetcher = this::slowSnapshot;
            noticeUntilCopying(replica, replica.leader(LoneReplica.THIRD, 3));

            replica.host.stop();
            replica.host.start();
            replica.host.open(replica.group, List.of());

            assertThat(replica.log().getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(1, 1));
            assertThat(voteOf(replica, 4, TermIndex.valueOf(1, 0)))
                    .as("for a log that lacks its entry")
                    .isFalse();
            assertThat(voteOf(replica, 5, TermIndex.valueOf(1, 1)))
                    .as("for a log as far as its own")
                    .isTrue();
        }
    }

    /** Ratis writes the present term into a notice that its sender began in an earlier one, in which it led. */
    @Test
    void shouldDropNothingAtTheWordOfAFormerLeader() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.append(replica.leader(LoneReplica.SECOND, 1).append(null, 0, "a", "b"));
            FakeLeader present = replica.leader(LoneReplica.THIRD, 2);
            replica.append(present.append(TermIndex.valueOf(1, 1), 2, "c", "d"));

            FakeLeader former = replica.leader(LoneReplica.SECOND, 2);
            assertThat(replica.gated()
                            .installSnapshot(former.notice(TermIndex.valueOf(1, 2)))
                            .getResult())
                    .isEqualTo(InstallSnapshotResult.NOT_LEADER);

            assertThat(replica.log().getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(2, 3));
        }
    }

    private void noticeUntilCopying(LoneReplica replica, FakeLeader leader) {
        await().ignoreExceptions().until(() -> {
            replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(2, 2)));
            return copying.getCount() == 0;
        });
    }

    private static boolean voteOf(LoneReplica replica, long term, TermIndex last) throws IOException {
        return replica.gated()
                .requestVote(replica.leader(LoneReplica.SECOND, term).requestVote(last, false))
                .getServerReply()
                .getSuccess();
    }

    @Test
    void shouldAgreeWhenANoticeIsTheFirstWordOfALeader() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.append(replica.leader(LoneReplica.SECOND, 1).append(null, 0, "a", "b", "c", "d"));
            FakeLeader leader = replica.leader(LoneReplica.THIRD, 3);

            await().ignoreExceptions()
                    .until(() -> replica.gated()
                                    .installSnapshot(leader.notice(TermIndex.valueOf(1, 2)))
                                    .getResult()
                            == InstallSnapshotResult.ALREADY_INSTALLED);

            assertThat(replica.log().getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(1, 3));
            assertThat(replica.host.fetches).isEmpty();
            assertThat(replica.host.failures).isEmpty();
            await().until(() -> replica.append(leader.append(TermIndex.valueOf(1, 3), 4, "e"))
                            .getResult()
                    == AppendResult.SUCCESS);
        }
    }

    @Test
    void shouldNotTakeTheMembersOfALeaderOfAnEarlierTerm() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.append(replica.leader(LoneReplica.THIRD, 2).append(null, 0, "a", "b", "c"));
            InstallSnapshotRequestProto late = replica.leader(LoneReplica.SECOND, 1)
                    .notice(TermIndex.valueOf(1, 9), 2, List.of(replica.host.self, LoneReplica.SECOND));

            assertThat(replica.gated().installSnapshot(late).getResult()).isEqualTo(InstallSnapshotResult.NOT_LEADER);
            assertThat(members(replica)).hasSize(3);

            assertThat(replica.raw().installSnapshot(late).getResult()).isEqualTo(InstallSnapshotResult.NOT_LEADER);
            assertThat(members(replica))
                    .as("Ratis alone refuses it and takes them")
                    .hasSize(2);
        }
    }

    /** The same with real leaders: it has its vote all the time, and reads nothing that it is about to lose. */
    @Test
    void shouldStayAMemberWhenItComesBackWithALogThatDiverges() throws Exception {
        RaftConfig patient = TestCluster.quickConfig()
                .withLog(1024, 10, 0)
                .withElectionTimeout(Duration.ofMinutes(5), Duration.ofMinutes(6))
                .withFirstElectionTimeout(Duration.ofMinutes(5), Duration.ofMinutes(6));
        try (TestCluster cluster = new TestCluster(directory, patient, 3)) {
            GroupId group = cluster.create();
            TestCluster.Host former = cluster.host(1);
            former.group(group).startElection();
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            long common = former.group(group).status().lastIndex();
            cluster.host(2).stop();
            cluster.host(3).stop();
            for (String word : TestCluster.words("lost", 500)) {
                CompletableFuture<?> unused =
                        former.group(group).propose(ToyMachine.bytes(word), ByteBuffer.allocate(0));
            }
            await().until(() -> former.group(group).status().lastIndex() == common + 500);
            former.stop();
            for (int id : List.of(2, 3)) {
                cluster.host(id).start();
                cluster.host(id).open(group, List.of());
            }
            await().until(() -> cluster.host(2).group(group).startElection());
            TestCluster.words("w", 60).forEach(word -> cluster.write(group, word));
            RaftLog log =
                    cluster.host(2).raft.hosted(group).orElseThrow().division().getRaftLog();
            await().atMost(TestCluster.LONG).until(() -> log.getStartIndex() > common + 1);

            former.start();
            RatisGroup replica = former.open(group, List.of());
            List<String> written = new ArrayList<>(List.of("a"));
            written.addAll(TestCluster.words("w", 60));
            await().atMost(TestCluster.LONG)
                    .until(() -> replica.readBarrier(Duration.ofMillis(200))
                            .handle((nothing, failure) -> failure == null)
                            .get());
            assertThat(former.machine(group).words()).as("after a read barrier").isEqualTo(written);

            cluster.host(3).stop();
            cluster.write(group, "b");
            written.add("b");
            former.awaitWords(group, written);
            assertThat(former.failures).isEmpty();
        }
    }

    @Test
    void shouldGoOnAtTheSnapshotWhenItWasCopied() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a"));
            replica.host.fetcher = (group, from, held) -> snapshot(9, "a", "b", "c");

            await().until(() -> replica.gated()
                            .installSnapshot(leader.notice(TermIndex.valueOf(1, 10)))
                            .getResult()
                    == InstallSnapshotResult.SNAPSHOT_INSTALLED);
            await().until(() -> replica.find(replica.group)
                            .orElseThrow()
                            .machine()
                            .applied()
                            .index()
                    == 9);
            assertThat(replica.append(leader.append(TermIndex.valueOf(1, 9), 10, "d"))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
            replica.append(leader.heartbeat(TermIndex.valueOf(1, 10), 10));

            replica.host.awaitWords(replica.group, List.of("a", "b", "c", "d"));
            assertThat(replica.machine().events).contains("install " + new LogPosition(1, 9));

            replica.host.stop();
            replica.host.start();
            replica.host.open(replica.group, List.of());
            assertThat(replica.machine().words()).isEqualTo(List.of("a", "b", "c"));
            replica.append(leader.heartbeat(TermIndex.valueOf(1, 10), 10));
            replica.host.awaitWords(replica.group, List.of("a", "b", "c", "d"));
        }
    }

    @Test
    void shouldAskAgainWhenASnapshotIsTooOld() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            List<String> asked = new ArrayList<>();
            replica.host.fetcher = (group, from, held) -> {
                asked.add("again");
                if (asked.size() == 1) {
                    throw new IOException("no route");
                }
                return snapshot(asked.size() == 2 ? 5 : 9, "a");
            };

            await().until(() -> replica.gated()
                            .installSnapshot(leader.notice(TermIndex.valueOf(1, 10)))
                            .getResult()
                    == InstallSnapshotResult.SNAPSHOT_INSTALLED);

            assertThat(asked).hasSize(3);
        }
    }

    @Test
    void shouldTakeAppendsOfTheNextLeaderWhenACopyWasRunning() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader old = replica.leader(LoneReplica.SECOND, 1);
            replica.append(old.append(null, 0, "a"));
            replica.host.fetcher = this::slowSnapshot;
            replica.gated().installSnapshot(old.notice(TermIndex.valueOf(1, 10)));
            assertThat(copying.await(10, TimeUnit.SECONDS)).isTrue();

            FakeLeader next = replica.leader(LoneReplica.THIRD, 2);
            AppendEntriesReplyProto refused = replica.append(next.append(TermIndex.valueOf(1, 0), 1, "b"));
            assertThat(refused.getResult())
                    .as("Ratis alone refuses for as long as the copy lasts, here for ever")
                    .isEqualTo(AppendResult.INCONSISTENCY);

            await().atMost(TestCluster.LONG)
                    .until(() -> replica.append(next.append(TermIndex.valueOf(1, 0), 1, "b"))
                                    .getResult()
                            == AppendResult.SUCCESS);
            replica.append(next.heartbeat(TermIndex.valueOf(2, 1), 1));
            replica.host.awaitWords(replica.group, List.of("a", "b"));
            assertThat(replica.machine().events).noneMatch(event -> event.startsWith("install"));
        }
    }

    @Test
    void shouldReopenWhenNobodyAsksForAnInstalledSnapshot() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader old = replica.leader(LoneReplica.SECOND, 1);
            replica.append(old.append(null, 0, "a"));
            replica.host.fetcher = (group, from, held) -> snapshot(9, "a", "b");
            replica.machine().duringInstall.set(() -> {
                copying.countDown();
                hold(mayEnd);
            });
            replica.gated().installSnapshot(old.notice(TermIndex.valueOf(1, 10)));
            assertThat(copying.await(10, TimeUnit.SECONDS)).isTrue();
            mayEnd.countDown();
            await().until(() -> replica.machine().events.stream().anyMatch(event -> event.startsWith("install")));

            // The next leader's log reaches back far enough: it never sends a notice.
            FakeLeader next = replica.leader(LoneReplica.THIRD, 2);
            assertThat(replica.append(next.append(TermIndex.valueOf(1, 9), 10, "c"))
                            .getResult())
                    .isEqualTo(AppendResult.INCONSISTENCY);

            await().atMost(TestCluster.LONG)
                    .ignoreExceptions()
                    .until(() -> replica.append(next.append(TermIndex.valueOf(1, 9), 10, "c"))
                                    .getResult()
                            == AppendResult.SUCCESS);
            replica.append(next.heartbeat(TermIndex.valueOf(2, 10), 10));
            replica.host.awaitWords(replica.group, List.of("a", "b", "c"));
            assertThat(replica.machine().isOpen()).isTrue();
            assertThat(replica.machine().events).doesNotContain("close");
        }
    }

    @Test
    void shouldCloseSoonWhenACopyIsRunning() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a"));
            replica.host.fetcher = this::slowSnapshot;
            replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 10)));
            assertThat(copying.await(10, TimeUnit.SECONDS)).isTrue();

            replica.host.raft.close(replica.group);

            assertThat(replica.host.raft.groups()).isEmpty();
            assertThat(replica.machine().isOpen()).isFalse();
        }
    }

    @Test
    void shouldNotCheckpointWhenAnInstalledSnapshotWaits() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a"));
            replica.append(leader.heartbeat(TermIndex.valueOf(1, 0), 0));
            replica.host.awaitWords(replica.group, List.of("a"));
            replica.host.fetcher = (group, from, held) -> snapshot(9, "a", "b");
            replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 10)));
            await().until(() ->
                    replica.find(replica.group).orElseThrow().machine().copy().waitsToBeLoaded());

            RatisStateMachine adapter =
                    replica.find(replica.group).orElseThrow().machine();
            assertThat(adapter.applied().index()).as("what Ratis sees").isZero();
            assertThat(adapter.getLatestSnapshot()).isNull();
            assertThat(adapter.machine().applied().index()).isEqualTo(9);
            org.assertj.core.api.Assertions.assertThatThrownBy(adapter::takeSnapshot)
                    .isInstanceOf(IOException.class);
        }
    }

    /** A change of members that the snapshot stands for and no notice has told of: the process ends before the next one. */
    @Test
    void shouldComeBackWithTheMembersOfTheSnapshot() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a"));
            List<PeerId> changed = List.of(replica.host.self, LoneReplica.SECOND);
            replica.host.fetcher = (group, from, held) ->
                    SnapshotConfiguration.before(FakeLeader.configuration(5, changed), frames(9, "a", "b"));
            replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 10)));
            await().until(() ->
                    replica.find(replica.group).orElseThrow().machine().copy().waitsToBeLoaded());
            replica.host.stop();

            replica.host.start();
            replica.host.open(replica.group, List.of());

            assertThat(replica.machine().words()).containsExactly("a", "b");
            assertThat(members(replica)).hasSize(2);
        }
    }

    /** As long as no snapshot comes the members stay those of the log; then they are the snapshot's, also after the next append. */
    @Test
    void shouldHaveTheMembersOfWhatItHolds() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            List<PeerId> two = List.of(replica.host.self, LoneReplica.SECOND);
            replica.append(leader.append(null, List.of(FakeLeader.configuration(0, two)), 0));
            assertThat(members(replica)).hasSize(2);
            List<PeerId> three = replica.founders();
            replica.host.fetcher = (group, from, held) -> {
                hold(mayEnd);
                return SnapshotConfiguration.before(FakeLeader.configuration(12, three), frames(9, "a", "b"));
            };
            replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 10), 65, three));
            assertThat(members(replica)).as("no snapshot has come").hasSize(2);
            mayEnd.countDown();

            await().until(() -> replica.gated()
                            .installSnapshot(leader.notice(TermIndex.valueOf(1, 10), 65, two))
                            .getResult()
                    == InstallSnapshotResult.SNAPSHOT_INSTALLED);

            assertThat(members(replica)).as("the snapshot's").hasSize(3);
            await().until(() ->
                    !replica.find(replica.group).orElseThrow().machine().copy().running());
            assertThat(replica.append(leader.append(TermIndex.valueOf(1, 9), 10, "c"))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
            assertThat(members(replica)).as("after an append").hasSize(3);
            restart(replica);
            assertThat(replica.append(leader.append(TermIndex.valueOf(1, 10), 11, "d"))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
            assertThat(members(replica)).as("after a restart").hasSize(3);
        }
    }

    /** Who copies is asked to vote by members that it has not met; and where the copy fails it is back at those of its log. */
    @Test
    void shouldKnowTheMembersOfASnapshotWhileItIsCopied() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            List<PeerId> two = List.of(replica.host.self, LoneReplica.SECOND);
            replica.append(leader.append(null, List.of(FakeLeader.configuration(0, two)), 0));
            await().until(() -> new ConfigurationFile(
                            replica.host.groupDirectory(replica.group).resolve("current"))
                    .exists());
            replica.host.fetcher = (group, from, held) -> SnapshotConfiguration.before(
                    FakeLeader.configuration(5, replica.founders()), slowSnapshot(group, from, held));
            replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 10)));
            assertThat(copying.await(10, TimeUnit.SECONDS)).isTrue();

            replica.gated().installSnapshot(leader.notice(TermIndex.valueOf(1, 10)));
            assertThat(members(replica)).hasSize(3);

            replica.find(replica.group).orElseThrow().machine().copy().cancel("another leader");
            await().until(() ->
                    !replica.find(replica.group).orElseThrow().machine().copy().running());
            replica.append(leader.append(TermIndex.valueOf(1, 0), 1, "a"));
            assertThat(members(replica)).as("nothing was installed").hasSize(2);
            restart(replica);
            assertThat(members(replica)).as("after a restart").hasSize(2);
        }
    }

    private static void restart(LoneReplica replica) throws IOException {
        replica.host.stop();
        replica.host.start();
        replica.host.open(replica.group, List.of());
    }

    private SnapshotReader slowSnapshot(io.gq.core.GroupId group, PeerId leader, ByteBuffer held) throws IOException {
        SnapshotReader whole = snapshot(9, "a", "never");
        return new SnapshotReader() {
            private final CountDownLatch closed = new CountDownLatch(1);

            @Override
            public LogPosition position() {
                return whole.position();
            }

            @Override
            public @Nullable ByteBuffer next() throws IOException {
                copying.countDown();
                hold(closed);
                throw new IOException("closed");
            }

            @Override
            public void close() {
                closed.countDown();
            }
        };
    }

    private static void hold(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A snapshot of a toy that has applied the words up to the index in term 1, and its configuration. */
    private static SnapshotReader snapshot(long index, String... words) throws IOException {
        LogEntryProto founders = FakeLeader.configuration(
                0,
                List.of(new PeerId(new NodeId(1), TestCluster.incarnation(1)), LoneReplica.SECOND, LoneReplica.THIRD));
        return SnapshotConfiguration.before(founders, frames(index, words));
    }

    private static SnapshotReader frames(long index, String... words) throws IOException {
        Path scratch = java.nio.file.Files.createTempDirectory("toy");
        try (ToyMachine machine = new ToyMachine(scratch)) {
            machine.open(io.gq.core.replication.LogTail.EMPTY);
            for (int i = 0; i < words.length; i++) {
                LogEntryProto entry = FakeLeader.entry(1, i, words[i]);
                machine.apply(new io.gq.core.replication.Entry(
                        1, i, entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer()));
            }
            machine.skip(new LogPosition(1, index));
            return machine.snapshot(machine.held());
        } catch (io.gq.core.replication.DamagedReplicaException e) {
            throw new IOException(e);
        } finally {
            Directories.delete(scratch);
        }
    }

    private static Collection<RaftPeer> members(LoneReplica replica) throws IOException {
        return replica.find(replica.group)
                .orElseThrow()
                .division()
                .getRaftConf()
                .getCurrentPeers();
    }
}
