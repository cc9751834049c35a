package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.raft.transport.CommitNotice;
import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A follower believes what its leader says of a commit, and nobody else, and only of entries it has. */
final class FollowerCommitsTest {

    private static final int TERM = 3;

    @TempDir
    Path directory;

    private static void hear(LoneReplica replica, PeerId leader, long term, long index, long entryTerm) {
        new FollowerCommits(replica::find)
                .heard(
                        RaftPeerId.valueOf(leader.toString()),
                        new CommitNotice(replica.group.value(), term, index, entryTerm));
    }

    /** A replica with entries of two terms, none of them committed. */
    private LoneReplica withEntries() throws Exception {
        LoneReplica replica = new LoneReplica(directory);
        replica.append(replica.leader(LoneReplica.THIRD, 2).append(null, 0, "a", "b"));
        replica.append(replica.leader(LoneReplica.SECOND, TERM).append(TermIndex.valueOf(2, 1), 2, "c", "d"));
        return replica;
    }

    @Test
    void shouldApplyWhatItsLeaderSaysIsCommitted() throws Exception {
        try (LoneReplica replica = withEntries()) {
            hear(replica, LoneReplica.SECOND, TERM, 1, 2);
            await().until(() -> replica.machine().words().equals(List.of("a", "b")));

            hear(replica, LoneReplica.SECOND, TERM, 3, TERM);
            await().until(() -> replica.machine().words().equals(List.of("a", "b", "c", "d")));

            hear(replica, LoneReplica.SECOND, TERM, 2, TERM);
            assertThat(replica.log().getLastCommittedIndex()).as("never back").isEqualTo(3);
        }
    }

    @Test
    void shouldPassOverAnythingElse() throws Exception {
        try (LoneReplica replica = withEntries()) {
            hear(replica, LoneReplica.THIRD, TERM, 3, TERM); // not its leader
            hear(replica, LoneReplica.THIRD, 2, 1, 2); // a leader of an earlier term
            hear(replica, LoneReplica.SECOND, TERM + 1, 3, TERM); // of a term it knows nothing of
            hear(replica, LoneReplica.SECOND, TERM, 4, TERM); // beyond its log
            hear(replica, LoneReplica.SECOND, TERM, 1, TERM); // another entry than its own
            hear(replica, LoneReplica.SECOND, TERM, -1, 0);
            new FollowerCommits(replica::find)
                    .heard(
                            RaftPeerId.valueOf(LoneReplica.SECOND.toString()),
                            new CommitNotice(TestCluster.newGroup().value(), TERM, 3, TERM));

            assertThat(replica.log().getLastCommittedIndex()).isNegative();

            replica.log().close();
            hear(replica, LoneReplica.SECOND, TERM, 3, TERM); // Ratis has closed it, and throws
            replica.find(replica.group).orElseThrow().end("a test");
            hear(replica, LoneReplica.SECOND, TERM, 3, TERM);
            assertThat(replica.log().getLastCommittedIndex()).as("fenced").isNegative();
        }
    }

    /** Nothing carries the last commit, and heartbeats are far apart. */
    @Test
    void shouldHearOfTheLastCommitWithoutAHeartbeat() throws Exception {
        RaftConfig rare = TestCluster.quickConfig()
                .withElectionTimeout(java.time.Duration.ofMinutes(5), java.time.Duration.ofMinutes(6));
        try (TestCluster cluster = new TestCluster(directory, rare, 3)) {
            GroupId group = cluster.create();

            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            cluster.write(group, "b");

            cluster.awaitWords(group, List.of("a", "b"));
        }
    }
}
