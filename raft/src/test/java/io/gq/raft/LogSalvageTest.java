package io.gq.raft;

import static io.gq.raft.RaftLogFilesTest.entries;
import static io.gq.raft.RaftLogFilesTest.frame;
import static io.gq.raft.RaftLogFilesTest.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogSalvageTest {

    private static final int ENTRY_BYTES_MAX = 1 << 20;

    @TempDir
    Path directory;

    @BeforeEach
    void makeWhole() throws IOException {
        Files.writeString(directory.resolve("raft-meta"), "term=3\nvotedFor=1-0000000000000001\n");
        configuration(0, RaftConfigurationProto.getDefaultInstance());
    }

    @Test
    void shouldChangeNothingWhenItOnlyLooks() throws Exception {
        write("log_0-1", entries(1, 0, "a", "b"));
        byte[] torn = entries(1, 2, "c", "x".repeat(3000));
        write("log_inprogress_2", zeros(Arrays.copyOf(torn, 600), 8192));
        Map<String, byte[]> before = content();

        LogSalvage salvage = LogSalvage.of(directory, ENTRY_BYTES_MAX);

        assertThat(salvage.tail().endIndex()).isEqualTo(3);
        assertThat(salvage.lastBefore(3)).contains(new LogPosition(1, 2));
        assertThat(content()).usingRecursiveComparison().isEqualTo(before);
    }

    @Test
    void shouldLeaveAWholeLogWhenItIsCutAtItsEnd() throws Exception {
        write("log_0-1", entries(1, 0, "a", "b"));
        write("log_inprogress_2", zeros(entries(2, 2, "c"), 4096));

        cut(new LogPosition(2, 2));

        assertThat(content()).containsOnlyKeys("log_0-1", "log_inprogress_2", "raft-meta", "raft-meta.conf");
        assertThat(read().endIndex()).isEqualTo(3);
    }

    @Test
    void shouldEndBeforeTheFirstThingThatIsMissing() throws Exception {
        write("log_0-2", entries(1, 0, "a", "b", "c"));
        byte[] holed = entries(1, 3, "d", "e", "f");
        Arrays.fill(holed, holed.length - 12, holed.length - 8, (byte) 0);
        write("log_3-5", holed);
        write("log_inprogress_6", entries(1, 6, "g"));
        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
        assertThat(LogSalvage.of(directory, ENTRY_BYTES_MAX).tail().endIndex()).isEqualTo(5);

        cut(new LogPosition(1, 4));

        assertThat(content()).containsOnlyKeys("log_0-2", "log_inprogress_3", "raft-meta", "raft-meta.conf");
        assertThat(read().commands())
                .extracting(entry -> ToyMachine.text(entry.command()))
                .containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void shouldCutWholeEntriesWhenTheirPayloadIsGone() throws Exception {
        write("log_0-2", entries(1, 0, "a", "b", "c"));
        write("log_inprogress_3", entries(1, 3, "d"));

        cut(new LogPosition(1, 0));
        assertThat(read().endIndex()).isEqualTo(1);
        assertThat(directory.resolve("log_inprogress_0")).exists();

        cut(LogPosition.NONE);
        assertThat(read()).isEqualTo(LogTail.EMPTY);
    }

    @Test
    void shouldDropAFileWithoutContentAndWhatFollows() throws Exception {
        write("log_0-0", entries(1, 0, "a"));
        write("log_1-1", new byte[0]);
        write("log_inprogress_2", entries(1, 2, "c"));

        cut(new LogPosition(1, 0));

        assertThat(content()).containsOnlyKeys("log_0-0", "raft-meta", "raft-meta.conf");
        assertThat(read().endIndex()).isEqualTo(1);
    }

    @Test
    void shouldKeepTheCommittedConfigurationWhenItsEntryIsGone() throws Exception {
        RaftConfigurationProto committed = peers(LoneReplica.SECOND.toString());
        configuration(7, committed);
        write("log_inprogress_0", entries(2, 0, "a", "b"));

        cut(new LogPosition(2, 1));

        assertThat(LogSalvage.of(directory, ENTRY_BYTES_MAX).voters(new LogPosition(2, 1)))
                .containsExactly(LoneReplica.SECOND);
        LogEntryProto kept = new ConfigurationFile(directory).read().orElseThrow();
        assertThat(kept.getIndex()).isEqualTo(1);
        assertThat(kept.getTerm()).isEqualTo(2);
        assertThat(kept.getConfigurationEntry()).isEqualTo(committed);
    }

    @Test
    void shouldLeaveTheConfigurationWhenItsEntryIsThere() throws Exception {
        configuration(1, peers("1-1"));
        write("log_inprogress_0", entries(2, 0, "a", "b", "c"));

        cut(new LogPosition(2, 1));

        assertThat(new ConfigurationFile(directory).read().orElseThrow().getIndex())
                .isEqualTo(1);
    }

    @Test
    void shouldBeOfNoUseWhenTwoConfigurationsWouldShareAnIndex() throws Exception {
        configuration(7, peers("1-1"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(entries(1, 0, "a"));
        frame(
                bytes,
                LogEntryProto.newBuilder()
                        .setTerm(2)
                        .setIndex(1)
                        .setConfigurationEntry(peers("2-2"))
                        .build());
        write("log_inprogress_0", bytes.toByteArray());
        Map<String, byte[]> before = content();

        assertThatThrownBy(() -> cut(new LogPosition(2, 1)))
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("configuration of index 7");
        assertThat(content()).usingRecursiveComparison().isEqualTo(before);
    }

    @Test
    void shouldBeDamagedWhenTheVoteIsGone() throws Exception {
        Files.delete(directory.resolve("raft-meta"));

        assertThatThrownBy(() -> LogSalvage.of(directory, ENTRY_BYTES_MAX)).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldKnowWhoVotesOnceItIsCut() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(entries(1, 0, "a"));
        for (int index = 1; index <= 2; index++) {
            frame(
                    bytes,
                    LogEntryProto.newBuilder()
                            .setTerm(2)
                            .setIndex(index)
                            .setConfigurationEntry(
                                    peers((index == 1 ? LoneReplica.SECOND : LoneReplica.THIRD).toString()))
                            .build());
        }
        write("log_inprogress_0", bytes.toByteArray());
        LogSalvage salvage = LogSalvage.of(directory, ENTRY_BYTES_MAX);

        assertThat(salvage.voters(new LogPosition(2, 2))).containsExactly(LoneReplica.THIRD);
        assertThat(salvage.voters(new LogPosition(2, 1))).containsExactly(LoneReplica.SECOND);
        assertThat(salvage.voters(new LogPosition(1, 0))).isEmpty();
    }

    private void cut(LogPosition last) throws IOException, DamagedReplicaException {
        LogSalvage.of(directory, ENTRY_BYTES_MAX).cut(last);
    }

    private LogTail read() throws IOException, DamagedReplicaException {
        return RaftLogFiles.read(directory, ENTRY_BYTES_MAX);
    }

    private static RaftConfigurationProto peers(String id) {
        return RaftConfigurationProto.newBuilder()
                .addPeers(RaftPeerProto.newBuilder()
                        .setId(org.apache.ratis.thirdparty.com.google.protobuf.ByteString.copyFromUtf8(id)))
                .build();
    }

    private void configuration(long index, RaftConfigurationProto configuration) throws IOException {
        Files.write(
                directory.resolve("raft-meta.conf"),
                LogEntryProto.newBuilder()
                        .setTerm(3)
                        .setIndex(index)
                        .setConfigurationEntry(configuration)
                        .build()
                        .toByteArray());
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.write(directory.resolve(name), bytes);
    }

    private Map<String, byte[]> content() throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        for (Path file : Directories.list(directory)) {
            content.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
        return content;
    }
}
