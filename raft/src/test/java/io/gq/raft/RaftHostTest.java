package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.GroupId;
import io.gq.core.replication.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RaftHostTest {

    @TempDir
    Path directory;

    @Test
    void shouldApplyOnEveryReplicaWhenProposed() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();

            Outcome outcome = cluster.awaitLeader(group).propose(group, "one");
            Outcome withPayload = cluster.awaitLeader(group).propose(group, "+two", new byte[1000]);

            assertThat(ToyMachine.text(outcome.reply())).isEqualTo("echo one");
            assertThat(withPayload.accepted()).isTrue();
            cluster.awaitWords(group, List.of("one", "+two"));
        }
    }

    @Test
    void shouldKeepWhatWasAcknowledgedWhenLeaderStops() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host leader = cluster.awaitLeader(group);

            leader.stop();
            cluster.write(group, "b");
            leader.start();
            leader.open(group, cluster.peers());
            cluster.write(group, "c");

            cluster.awaitWords(group, List.of("a", "b", "c"));
            await().until(() -> leader.group(group).leadership().leader().isPresent());
        }
    }
}
