package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gq.core.replication.Leadership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ratis does alone, and what the gate makes of it. Findings G1 to G4 of docs/design/0002. */
final class GateFindingsTest {

    @TempDir
    Path directory;

    @Test
    void shouldNotAcknowledgeResentEntriesWhenTheyAreNotFlushed() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            CompletableFuture<Void> disk = new CompletableFuture<>();
            replica.machine().writeAnswer.set(disk);
            var first = replica.send(leader.append(null, 0, "+a"));
            assertThat(first).isNotDone();

            // The stream is reset and the leader sends again.
            var alone = replica.raw().appendEntriesAsync(leader.append(null, 0, "+a"));
            await().untilAsserted(() -> assertThat(LoneReplica.success(alone))
                    .as("Ratis alone acknowledges what is not on disk")
                    .isTrue());
            var gated = replica.send(leader.append(null, 0, "+a"));
            assertThat(replica.log().getFlushIndex()).isLessThan(0);
            assertThat(gated).isNotDone();

            disk.complete(null);
            assertThat(replica.cluster.get(first).getMatchIndex()).isZero();
            assertThat(replica.cluster.get(gated).getMatchIndex()).isZero();
            assertThat(replica.log().getFlushIndex()).isZero();
        }
    }

    @Test
    void shouldNotAcknowledgeResentEntriesWhenTheirWriteFailed() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            CompletableFuture<Void> disk = new CompletableFuture<>();
            replica.machine().writeAnswer.set(disk);
            var first = replica.send(leader.append(null, 0, "+a"));
            var again = replica.send(leader.append(null, 0, "+a"));

            disk.completeExceptionally(new IOException("disk is gone"));

            await().until(() -> first.isDone() && again.isDone());
            assertThat(LoneReplica.success(first)).isFalse();
            assertThat(LoneReplica.success(again)).isFalse();
            await().until(() -> replica.host.failures.containsKey(replica.group));
            assertThat(replica.host.failures.get(replica.group).kind()).isEqualTo(GroupFailure.Kind.STORAGE);
        }
    }

    @Test
    void shouldNotAcknowledgeWhenWhatReplacesTruncatedEntriesIsNotFlushed() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.append(replica.leader(LoneReplica.SECOND, 1).append(null, 0, "a", "b", "c"));
            assertThat(replica.log().getFlushIndex()).isEqualTo(2);

            FakeLeader next = replica.leader(LoneReplica.THIRD, 2);
            CompletableFuture<Void> disk = new CompletableFuture<>();
            replica.machine().writeAnswer.set(disk);
            var replaced = replica.send(next.append(TermIndex.valueOf(1, 0), 1, "+x", "y"));
            var again = replica.send(next.append(TermIndex.valueOf(1, 0), 1, "+x", "y"));
            await().until(() -> replica.log().getFlushIndex() == 0);
            assertThat(replaced).isNotDone();
            assertThat(again).isNotDone();

            disk.complete(null);
            assertThat(replica.cluster.get(again).getMatchIndex()).isEqualTo(2);
            assertThat(replica.log().getFlushIndex()).isEqualTo(2);
        }
    }

    @Test
    void shouldTruncateFromTheIndexOnWhenALaterLeaderSaysOtherwise() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.append(replica.leader(LoneReplica.SECOND, 1).append(null, 0, "+a", "+b", "+c"));
            assertThat(replica.machine().storedTerms).containsOnlyKeys(0L, 1L, 2L);

            replica.append(replica.leader(LoneReplica.THIRD, 2).append(TermIndex.valueOf(1, 0), 1, "x"));

            assertThat(replica.machine().storedTerms)
                    .as("index 1 itself is dropped")
                    .containsOnlyKeys(0L);
            assertThat(replica.log().getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(2, 1));
        }
    }

    @Test
    void shouldRefuseOldLeaderWhenAnotherWasHeard() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            AppendEntriesRequestProto late =
                    replica.leader(LoneReplica.SECOND, 1).append(null, 0, "old");
            replica.append(replica.leader(LoneReplica.THIRD, 2).append(null, 0, "new"));

            AppendEntriesReplyProto reply = replica.append(late);

            assertThat(reply.getResult()).isEqualTo(AppendResult.NOT_LEADER);
            assertThat(replica.log().getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(2, 0));
        }
    }

    @Test
    void shouldSyncTheVoteWhenItIsGiven() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            List<Path> synced = new ArrayList<>();
            var gated = GatedServer.of(replica.raw(), replica::find, new AppendTimes(System::nanoTime), synced::add);
            TermIndex empty = TermIndex.valueOf(0, 0);

            var preVote =
                    gated.requestVote(replica.leader(LoneReplica.SECOND, 0).requestVote(empty, true));
            assertThat(preVote.getServerReply().getSuccess()).isTrue();
            assertThat(synced).isEmpty();

            var vote = gated.requestVote(replica.leader(LoneReplica.SECOND, 3).requestVote(empty, false));
            assertThat(vote.getServerReply().getSuccess()).isTrue();
            Path current = replica.host.groupDirectory(replica.group).resolve("current");
            assertThat(synced).containsExactly(current);
            assertThat(Files.readString(current.resolve("raft-meta"))).contains("term=3");
        }
    }

    @Test
    void shouldLeaveTheElectionTimeoutAsItWasWhenItGrantsAPreVote() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            FakeLeader leader = replica.leader(LoneReplica.SECOND, 1);
            replica.append(leader.append(null, 0, "a"));
            await().until(() -> heardMillisAgo(replica) >= 200);

            var preVote = replica.gated().requestVote(leader.requestVote(TermIndex.valueOf(1, 0), true));

            assertThat(preVote.getServerReply().getSuccess()).isTrue();
            assertThat(heardMillisAgo(replica)).isGreaterThanOrEqualTo(200);
        }
    }

    private static long heardMillisAgo(LoneReplica replica) throws IOException {
        return replica.find(replica.group)
                .orElseThrow()
                .division()
                .getInfo()
                .getRoleInfoProto()
                .getFollowerInfo()
                .getLeaderInfo()
                .getLastRpcElapsedTimeMs();
    }

    @Test
    void shouldKeepTheVoteBackWhenItCannotBeSynced() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            var gated = GatedServer.of(replica.raw(), replica::find, new AppendTimes(System::nanoTime), path -> {
                throw new IOException("no sync");
            });
            var request = replica.leader(LoneReplica.SECOND, 3).requestVote(TermIndex.valueOf(0, 0), false);

            assertThatThrownBy(() -> gated.requestVote(request)).hasMessage("no sync");
        }
    }

    @Test
    void shouldRefuseClientsAndAdministratorsWhenTheyCallFromOutside() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            var remove = GroupManagementRequest.newRemove(
                    ClientId.randomId(),
                    replica.raw().getId(),
                    1,
                    RaftGroupId.valueOf(replica.group.value()),
                    true,
                    false);

            assertThatThrownBy(() -> replica.gated().groupManagementAsync(remove))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(replica.host.group(replica.group).leadership().role()).isEqualTo(Leadership.Role.FOLLOWER);
        }
    }
}
