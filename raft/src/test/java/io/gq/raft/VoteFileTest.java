package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VoteFileTest {

    private static final Path FULL_DISK = Path.of("/dev/full");
    private static final RaftStorageMetadata FIRST = RaftStorageMetadata.valueOf(3, RaftPeerId.valueOf("1-a"));
    private static final RaftStorageMetadata SECOND = RaftStorageMetadata.valueOf(4, RaftPeerId.valueOf("2-b"));

    @TempDir
    Path directory;

    private final List<IOException> failures = new ArrayList<>();

    @Test
    void shouldKeepWhatItHoldsWhereTheDiskIsFull() throws Exception {
        Path path = directory.resolve("raft-meta");
        VoteFile file = new VoteFile(path, RaftStorageMetadata.getDefault(), failures::add);
        file.persist(FIRST);
        byte[] before = Files.readAllBytes(path);
        Path temporary = directory.resolve("raft-meta.tmp");
        Files.createSymbolicLink(temporary, FULL_DISK);
        assertThatThrownBy(() -> file.persist(SECOND)).isInstanceOf(IOException.class);
        assertThat(failures).hasSize(1);
        assertThat(Files.readAllBytes(path)).isEqualTo(before);
        assertThat(file.getMetadata()).isEqualTo(FIRST);
        Files.delete(temporary);
        file.persist(SECOND);
        assertThat(Files.readString(path)).contains("term=4").contains("votedFor=2-b");
    }

    @Test
    void shouldComeBackFromAFullDiskWithItsVote() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            cast(replica, 7, LoneReplica.SECOND);
            Path current = replica.host.groupDirectory(replica.group).resolve("current");
            Path temporary = current.resolve("raft-meta.tmp");
            Files.createSymbolicLink(temporary, FULL_DISK);
            assertThatThrownBy(() -> cast(replica, 8, LoneReplica.THIRD)).isInstanceOf(IOException.class);
            await().until(() -> replica.host.failures.containsKey(replica.group));
            assertThat(replica.host.failures.get(replica.group).kind()).isEqualTo(GroupFailure.Kind.STORAGE);
            assertThat(Files.readString(current.resolve("raft-meta")))
                    .contains("term=7")
                    .contains("votedFor=" + LoneReplica.SECOND);
            Files.delete(temporary);

            RatisGroup again = replica.host.open(replica.group, List.of());
            assertThat(again.leadership().term()).isEqualTo(7);
            assertThat(again.leadership().role()).isEqualTo(Leadership.Role.FOLLOWER);
            cast(replica, 8, LoneReplica.THIRD);
        }
    }

    private static void cast(LoneReplica replica, long term, PeerId candidate) throws IOException {
        assertThat(replica.gated()
                        .requestVote(replica.leader(candidate, term).requestVote(TermIndex.valueOf(0, 0), false))
                        .getServerReply()
                        .getSuccess())
                .isTrue();
    }
}
