package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Properties;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RaftLogFilesTest {

    private static final int ENTRY_BYTES_MAX = 1 << 20;

    @TempDir
    Path directory;

    @BeforeEach
    void makeWhole() throws IOException {
        Files.writeString(directory.resolve("raft-meta"), "term=3\nvotedFor=1-0000000000000001\n");
        Files.write(
                directory.resolve("raft-meta.conf"),
                LogEntryProto.newBuilder()
                        .setConfigurationEntry(RaftConfigurationProto.getDefaultInstance())
                        .build()
                        .toByteArray());
    }

    @Test
    void shouldReadCommandsWhenLogIsWhole() throws Exception {
        write("log_5-7", entries(1, 5, "a", "b", "c"));
        write("log_inprogress_8", zeros(entries(2, 8, "d", "e"), 4096));

        LogTail tail = read();

        assertThat(tail.startIndex()).isEqualTo(5);
        assertThat(tail.endIndex()).isEqualTo(10);
        assertThat(tail.commands())
                .extracting(entry -> ToyMachine.text(entry.command()))
                .containsExactly("a", "b", "c", "d", "e");
        assertThat(tail.commands().get(4).term()).isEqualTo(2);
    }

    @Test
    void shouldLeaveOutEntriesWithoutCommand() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(entries(1, 0, "a"));
        frame(
                bytes,
                LogEntryProto.newBuilder()
                        .setTerm(2)
                        .setIndex(1)
                        .setConfigurationEntry(RaftConfigurationProto.getDefaultInstance())
                        .build());
        write("log_inprogress_0", bytes.toByteArray());

        assertThat(read().endIndex()).isEqualTo(2);
        assertThat(read().commands()).hasSize(1);
    }

    @Test
    void shouldBeEmptyWhenNothingWasWritten() throws Exception {
        assertThat(read()).isEqualTo(LogTail.EMPTY);
        write("log_inprogress_0", new byte[0]);
        assertThat(read()).isEqualTo(LogTail.EMPTY);
        write("log_inprogress_0", zeros("RaftL".getBytes(StandardCharsets.US_ASCII), 4096));
        assertThat(read()).isEqualTo(LogTail.EMPTY);
        write("log_inprogress_0", zeros(entries(1, 0), 4096));
        assertThat(read().endIndex()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 4096})
    void shouldCutTheLastWriteWhenItWasTorn(int written) throws Exception {
        byte[] first = entries(1, 0, "a", "b");
        byte[] whole = entries(1, 0, "a", "b", "x".repeat(6000));
        byte[] torn = zeros(Arrays.copyOf(whole, written), 64 << 10);
        write("log_inprogress_0", torn);

        assertThat(read().endIndex()).isEqualTo(2);

        assertThat(directory.resolve("log_inprogress_0")).hasSize(first.length);
        assertThat(read().endIndex()).isEqualTo(2);
    }

    @Test
    void shouldChangeNothingWhenVerifying() throws Exception {
        byte[] torn = zeros(Arrays.copyOf(entries(1, 0, "a", "b", "x".repeat(6000)), 3000), 64 << 10);
        write("log_inprogress_0", torn);

        assertThat(RaftLogFiles.verify(directory, ENTRY_BYTES_MAX).endIndex()).isEqualTo(2);

        assertThat(directory.resolve("log_inprogress_0")).hasBinaryContent(torn);
        torn[10] ^= 1;
        write("log_inprogress_0", torn);
        assertThatThrownBy(() -> RaftLogFiles.verify(directory, ENTRY_BYTES_MAX))
                .isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldCutTheLastWriteWhenItReachesBeyondTheFile() throws Exception {
        byte[] whole = entries(1, 0, "a", "x".repeat(6000));
        write("log_inprogress_0", Arrays.copyOf(whole, 3000));

        assertThat(read().endIndex()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"log_inprogress_0", "log_0-2"})
    void shouldBeDamagedWhenABitFlipped(String name) throws Exception {
        byte[] whole = entries(1, 0, "first", "second", "third");
        for (int position = 0; position < whole.length; position++) {
            byte[] flipped = whole.clone();
            flipped[position] ^= 0x10;
            write(name, flipped);

            assertThatThrownBy(this::read).as("position %d", position).isInstanceOf(DamagedReplicaException.class);
        }
    }

    @Test
    void shouldBeDamagedWhenZerosAreFollowedByMore() throws Exception {
        byte[] bytes = zeros(entries(1, 0, "a"), 4096);
        bytes[3000] = 1;
        write("log_inprogress_0", bytes);

        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldBeDamagedWhenAFileIsMissing() throws Exception {
        write("log_0-0", entries(1, 0, "a"));
        write("log_inprogress_2", entries(1, 2, "c"));

        assertThatThrownBy(this::read)
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("expected: 1");
    }

    @Test
    void shouldBeDamagedWhenAClosedFileIsShort() throws Exception {
        write("log_0-2", entries(1, 0, "a", "b"));

        assertThatThrownBy(this::read)
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("endIndex");
    }

    @Test
    void shouldBeDamagedWhenAnOpenFileIsNotTheLast() throws Exception {
        write("log_inprogress_0", entries(1, 0, "a"));
        write("log_1-1", entries(1, 1, "b"));

        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldBeDamagedWhenTermsFall() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(entries(4, 0, "a"));
        frame(bytes, FakeLeader.entry(3, 1, "b"));
        write("log_inprogress_0", bytes.toByteArray());

        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldBeDamagedWhenTermAndVoteAreGone() throws Exception {
        Files.writeString(directory.resolve("raft-meta"), "term=3\n");
        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
        Files.write(directory.resolve("raft-meta"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
        Files.delete(directory.resolve("raft-meta"));
        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldBeDamagedWhenConfigurationIsGone() throws Exception {
        write("log_inprogress_5", entries(1, 5, "a"));
        Files.write(
                directory.resolve("raft-meta.conf"),
                LogEntryProto.getDefaultInstance().toByteArray());
        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
        Files.delete(directory.resolve("raft-meta.conf"));
        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldTakeTheLastWholeConfigurationWhereTheDiskRefusedTheNext() throws Exception {
        write("log_inprogress_5", entries(1, 5, "a"));
        Path file = directory.resolve("raft-meta.conf");
        LogEntryProto first = LogEntryProto.parseFrom(Files.readAllBytes(file));
        LogEntryProto next = first.toBuilder().setIndex(5).build();
        ConfigurationFile kept = new ConfigurationFile(directory);
        kept.written(first);
        kept.written(first);
        Path temporary = Files.createSymbolicLink(directory.resolve("raft-meta.conf.whole.tmp"), Path.of("/dev/full"));
        tear(file);
        kept.written(first);
        assertThat(Files.readAllBytes(file)).as("needs no room").isEqualTo(first.toByteArray());
        tear(file);
        assertThatThrownBy(() -> kept.written(next)).isInstanceOf(IOException.class);

        LogTail tail = RaftLogFiles.verify(directory, ENTRY_BYTES_MAX);
        assertThat(read()).isEqualTo(tail);
        assertThat(kept.read()).as("looking changes nothing").isEmpty();
        kept.mend(tail, new LogPosition(1, 4));
        assertThat(kept.read()).hasValue(first);

        Files.delete(temporary);
        kept.written(next);
        assertThat(kept.read()).as("Ratis did not write it").hasValue(next);
        tear(file);
        kept.forgetKept();
        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldNotComeBackWithTheConfigurationOfBeforeASnapshot() throws Exception {
        write("log_inprogress_0", entries(1, 0, "a", "b"));
        Path file = directory.resolve("raft-meta.conf");
        ConfigurationFile kept = new ConfigurationFile(directory);
        LogEntryProto before = LogEntryProto.parseFrom(Files.readAllBytes(file));
        kept.written(before);
        LogPosition beyondTheLog = new LogPosition(1, 7);
        LogEntryProto changed = configuration(5);

        kept.beforeInstall(changed);
        tear(file);
        kept.mend(read(), beyondTheLog);
        assertThat(kept.read()).hasValue(changed);
        kept.beforeInstall(configuration(4));
        kept.mend(read(), beyondTheLog);
        assertThat(kept.read()).as("of a snapshot before it").hasValue(changed);
        kept.beforeInstall(configuration(4));
        tear(file);
        kept.mend(read(), beyondTheLog);
        assertThat(kept.read()).as("the newest that is whole").hasValue(changed);
        kept.beforeInstall(configuration(8));
        kept.mend(read(), beyondTheLog);
        assertThat(kept.read()).as("of a snapshot that was not installed").hasValue(changed);

        tear(file);
        kept.mend(read(), beyondTheLog);
        assertThat(kept.read()).as("kept beside it").hasValue(changed);
        kept.forgetKept();
        tear(file);
        LogTail tail = read();
        assertThatThrownBy(() -> kept.mend(tail, beyondTheLog)).isInstanceOf(DamagedReplicaException.class);
        Files.delete(file);
        assertThatThrownBy(() -> kept.mend(read(), beyondTheLog)).isInstanceOf(DamagedReplicaException.class);
        assertThatThrownBy(() -> kept.mend(LogTail.EMPTY, beyondTheLog)).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldNotBelieveADamagedConfigurationOfASnapshot() throws Exception {
        write("log_inprogress_0", entries(1, 0, "a", "b"));
        ConfigurationFile kept = new ConfigurationFile(directory);
        kept.beforeInstall(configuration(5));
        Path ofSnapshot = directory.resolve(ConfigurationFile.OF_SNAPSHOT);
        long bits = 8 * Files.size(ofSnapshot);
        for (int bit = 0; bit < bits; bit++) {
            flip(ofSnapshot, bit);
            assertThatThrownBy(() -> kept.mend(read(), new LogPosition(1, 7)))
                    .as("bit %d", bit)
                    .isInstanceOf(DamagedReplicaException.class);
            flip(ofSnapshot, bit);
        }
        kept.mend(read(), new LogPosition(1, 7));
        assertThat(kept.read()).hasValue(configuration(5));
        assertThat(ofSnapshot).doesNotExist();
    }

    @Test
    void shouldStayWithTheConfigurationBeforeWhereTheNextOneOfNoLogCannotBeWritten() throws Exception {
        write("log_inprogress_5", entries(1, 5, "a"));
        Path file = directory.resolve("raft-meta.conf");
        ConfigurationFile kept = new ConfigurationFile(directory);
        LogEntryProto before = LogEntryProto.parseFrom(Files.readAllBytes(file));
        kept.written(before);
        Files.createSymbolicLink(directory.resolve("raft-meta.conf.whole.tmp"), Path.of("/dev/full"));
        tear(file);
        assertThatThrownBy(() -> kept.written(configuration(30))).isInstanceOf(IOException.class);

        kept.restore();

        assertThat(kept.read()).hasValue(before);
        LogTail tail = read();
        kept.mend(tail, new LogPosition(1, tail.endIndex()));
        assertThat(kept.read()).hasValue(before);
    }

    @Test
    void shouldNeedNoConfigurationWhereTheLogHoldsAll() throws Exception {
        write("log_inprogress_0", entries(1, 0, "a"));
        Path file = directory.resolve("raft-meta.conf");
        Files.write(file, new byte[] {1, 2, 3});
        LogTail tail = read();
        new ConfigurationFile(directory).mend(tail, new LogPosition(1, 0));
        assertThat(file).doesNotExist();

        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> RaftLogFiles.readWhole(directory, ENTRY_BYTES_MAX, (s, p, e, entry) -> {}))
                .as("of a log that is not whole nobody knows")
                .isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldNotBelieveAConfigurationInWhichABitFlipped() throws Exception {
        write("log_inprogress_0", entries(1, 0, "a", "b"));
        LogEntryProto entry = configuration(1);
        Path file = Files.write(directory.resolve("raft-meta.conf"), entry.toByteArray());
        ConfigurationFile kept = new ConfigurationFile(directory);
        kept.written(entry);
        assertThat(Files.isSameFile(file, directory.resolve("raft-meta.conf.whole")))
                .as("both names are damaged together")
                .isTrue();
        for (int bit = 0; bit < 8 * entry.getSerializedSize(); bit++) {
            flip(file, bit);
            assertThat(kept.read().map(LogEntryProto::getConfigurationEntry).orElse(entry.getConfigurationEntry()))
                    .as("bit %d", bit)
                    .isEqualTo(entry.getConfigurationEntry());
            flip(file, bit);
        }
        flip(file, 8 * (entry.getSerializedSize() - 1)); // in an address

        kept.mend(read(), new LogPosition(1, 1));
        assertThat(file).as("the log holds all").doesNotExist();
        Files.delete(directory.resolve("log_inprogress_0"));
        write("log_inprogress_5", entries(1, 5, "a"));
        Files.createLink(file, directory.resolve("raft-meta.conf.whole"));
        assertThatThrownBy(this::read).isInstanceOf(DamagedReplicaException.class);

        kept.written(configuration(6));
        assertThat(read().endIndex()).isEqualTo(6);
    }

    @Test
    void shouldBelieveAConfigurationWhoseChecksumIsDamagedOrOlder() throws Exception {
        LogEntryProto entry = configuration(1);
        Path file = Files.write(directory.resolve("raft-meta.conf"), entry.toByteArray());
        ConfigurationFile kept = new ConfigurationFile(directory);
        kept.written(entry);
        Path sum = directory.resolve("raft-meta.conf.sum");
        for (int bit = 0; bit < 8 * Files.size(sum); bit++) {
            flip(sum, bit);
            assertThat(kept.read()).as("bit %d", bit).hasValue(entry);
            flip(sum, bit);
        }
        for (long index : new long[] {7, 0}) { // a later one, or one that is applied anew after a restart
            tear(file);
            Files.write(file, configuration(index).toByteArray()); // and then the process died
            assertThat(kept.read()).hasValue(configuration(index));
        }
        Files.createDirectory(directory.resolve("raft-meta.conf.sum.tmp")); // as on a full disk
        kept.written(configuration(0));
        assertThat(kept.read()).as("its checksum could not be written").hasValue(configuration(0));
    }

    @Test
    void shouldNotBelieveATermOrAVoteInWhichABitFlipped() throws Exception {
        Path file = directory.resolve("raft-meta");
        VoteFile votes = new VoteFile(file, RaftStorageMetadata.valueOf(3, RaftPeerId.valueOf("1-1")), e -> {});
        votes.persist(RaftStorageMetadata.valueOf(12, RaftPeerId.valueOf("2-0000000000000002")));
        read();
        long believed = 0;
        for (int bit = 0; bit < 8 * Files.size(file); bit++) {
            flip(file, bit);
            try {
                read();
                believed++;
                Properties properties = new Properties();
                properties.load(new StringReader(Files.readString(file)));
                assertThat(properties)
                        .as("bit %d", bit)
                        .containsEntry("term", "12")
                        .containsEntry("votedFor", "2-0000000000000002");
            } catch (DamagedReplicaException e) {
                assertThat(e).hasMessageContaining("raft-meta");
            }
            flip(file, bit);
        }
        assertThat(believed)
                .as("in a comment, or in a name that is then not there")
                .isPositive();
    }

    private static LogEntryProto configuration(long index) {
        RaftConfigurationProto.Builder peers = RaftConfigurationProto.newBuilder();
        for (int node = 1; node <= 3; node++) {
            peers.addPeers(RaftPeerProto.newBuilder()
                    .setId(ByteString.copyFromUtf8(node + "-000000000000000" + node))
                    .setAddress("gq:///partitions/" + node));
        }
        return LogEntryProto.newBuilder()
                .setTerm(2)
                .setIndex(index)
                .setConfigurationEntry(peers)
                .build();
    }

    /** In place, so in all names of the file. */
    private static void flip(Path file, int bit) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, bit / 8);
            one.put(0, (byte) (one.get(0) ^ 1 << bit % 8)).flip();
            channel.write(one, bit / 8);
        }
    }

    /** As Ratis does on a full disk. */
    private void tear(Path file) throws IOException {
        Path half = Files.write(directory.resolve("half"), new byte[] {8});
        Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void shouldDropFilesOnlyWhenTheCheckpointGoesBeyondThem() throws Exception {
        write("log_0-1", entries(1, 0, "a", "b"));
        write("log_inprogress_2", entries(1, 2, "c"));

        RaftLogFiles.dropCovered(directory, read(), 1);
        assertThat(read().endIndex()).isEqualTo(3);
        RaftLogFiles.dropCovered(directory, read(), 2);
        assertThat(read().endIndex()).as("Ratis goes on after its last entry").isEqualTo(3);
        RaftLogFiles.dropCovered(directory, read(), 3);
        assertThat(read()).isEqualTo(LogTail.EMPTY);
    }

    private LogTail read() throws IOException, DamagedReplicaException {
        return RaftLogFiles.read(directory, ENTRY_BYTES_MAX);
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.write(directory.resolve(name), bytes);
    }

    static byte[] zeros(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length);
    }

    static byte[] entries(long term, long index, String... words) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write("RaftLog1".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < words.length; i++) {
            frame(bytes, FakeLeader.entry(term, index + i, words[i]));
        }
        return bytes.toByteArray();
    }

    static void frame(ByteArrayOutputStream out, LogEntryProto entry) throws IOException {
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        CodedOutputStream coded = CodedOutputStream.newInstance(framed);
        coded.writeUInt32NoTag(entry.getSerializedSize());
        entry.writeTo(coded);
        coded.flush();
        CRC32C crc = new CRC32C();
        crc.update(framed.toByteArray());
        out.write(framed.toByteArray());
        out.write(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
