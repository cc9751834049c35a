package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.junit.jupiter.api.Test;

final class RaftConfigTest {

    @Test
    void shouldBecomePropertiesWhenGivenToRatis() {
        RaftProperties p = RaftConfig.partitions().properties();

        assertThat(p.get("raft.rpc.type")).isEqualTo(PeerRpcType.class.getName());
        assertThat(RaftServerConfigKeys.Rpc.timeoutMin(p).toIntExact(java.util.concurrent.TimeUnit.MILLISECONDS))
                .isEqualTo(1000);
        assertThat(RaftServerConfigKeys.Log.Appender.bufferByteLimit(p).getSize())
                .as("Ratis' append limit of DESIGN")
                .isEqualTo(2 << 20);
        assertThat(RaftServerConfigKeys.Log.writeBufferSize(p).getSize())
                .as("outside the heap, for each group")
                .isEqualTo((256 + 64) << 10);
        assertThat(RaftServerConfigKeys.Log.Appender.bufferByteLimit(p).getSize())
                .as("what the writer of a log asks right after its buffer's size")
                .isEqualTo(((256 + 64) << 10) - 8);
        assertThat(RaftServerConfigKeys.Log.Appender.bufferByteLimit(p).getSize())
                .isEqualTo(2 << 20);
        assertThat(RaftServerConfigKeys.Log.unsafeFlushEnabled(p)).isFalse();
        assertThat(RaftServerConfigKeys.Log.asyncFlushEnabled(p)).isFalse();
        RaftProperties behind = RaftConfig.partitions().withoutSyncedLog().properties();
        assertThat(RaftServerConfigKeys.Log.unsafeFlushEnabled(behind)).isTrue();
        assertThat(RaftServerConfigKeys.Log.asyncFlushEnabled(behind)).isFalse();
        assertThat(RaftServerConfigKeys.Log.StateMachineData.sync(behind))
                .as("no header before its payload")
                .isTrue();
        assertThat(RaftServerConfigKeys.Read.leaderLeaseEnabled(p)).isFalse();
        assertThat(RaftServerConfigKeys.Log.Appender.installSnapshotEnabled(p)).isFalse();
        assertThat(RaftServerConfigKeys.Log.logMetadataEnabled(p)).isFalse();
        assertThat(RaftServerConfigKeys.Log.logMetadataEnabled(
                        RaftConfig.controller().properties()))
                .isTrue();
    }

    @Test
    void shouldRefuseWhatCannotWork() {
        RaftConfig config = RaftConfig.partitions();

        assertThatThrownBy(() -> config.withElectionTimeout(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageContaining("electionTimeoutMin: 2000 ms (expected: <= electionTimeoutMax 1000 ms)");
        assertThatThrownBy(() -> config.withElectionTimeout(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessageContaining("electionTimeoutMs: 0 (expected: >= 1)");
        assertThatThrownBy(() -> config.withEntryBytesMax(100)).hasMessageContaining("entryBytesMax: 100");
        assertThatThrownBy(() -> config.withEntryBytesMax(1 << 30)).hasMessageContaining("expected: <= ");
        assertThatThrownBy(() -> config.withLog(10, 1, 1)).hasMessageContaining("segmentBytes");
        assertThatThrownBy(() -> config.withPending(0, 1 << 30)).hasMessageContaining("pendingEntriesMax");
        assertThatThrownBy(() -> config.withPending(1, 10)).hasMessageContaining("pendingBytesMax");
        assertThatThrownBy(() -> new RaftNode(
                        RaftHostKind.CONTROLLER,
                        new PeerId(new NodeId(1), TestCluster.incarnation(1)),
                        Path.of("x"),
                        "localhost",
                        70_000))
                .hasMessageContaining("bindPort: 70000");
    }

    @Test
    void shouldKeepTheRestWhenOneSettingChanges() {
        RaftConfig config = RaftConfig.controller().withoutSyncedLog();

        assertThat(config.withElectionTimeout(config.electionTimeoutMin(), config.electionTimeoutMax()))
                .isEqualTo(config);
        assertThat(config.withFirstElectionTimeout(config.firstElectionTimeoutMin(), config.firstElectionTimeoutMax()))
                .isEqualTo(config);
        assertThat(config.withEntryBytesMax(config.entryBytesMax())).isEqualTo(config);
        assertThat(config.withLog(config.segmentBytes(), config.checkpointEntries(), config.laggingEntriesMax()))
                .isEqualTo(config);
        assertThat(config.withPending(config.pendingEntriesMax(), config.pendingBytesMax()))
                .isEqualTo(config);
    }
}
