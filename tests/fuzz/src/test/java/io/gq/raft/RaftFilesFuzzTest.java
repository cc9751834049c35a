package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogTail;
import io.gq.fuzz.Bounded;
import io.gq.fuzz.Input;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What Ratis keeps of a group on disk, and what we remember of it. */
public final class RaftFilesFuzzTest {

    private static final int ENTRY_BYTES_MAX = 1 << 16;
    private static final GroupId GROUP = new GroupId(new UUID(1, 1));
    private static final String META = "term=3\nvotedFor=1-0000000000000001\n";
    private static final byte[] CONFIGURATION = LogEntryProto.newBuilder()
            .setConfigurationEntry(RaftConfigurationProto.getDefaultInstance())
            .build()
            .toByteArray();
    private static final byte[] MAGIC = "RaftLog1".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        byte[] entries = Input.concat(sized(entry(0)), sized(entry(1)));
        seeds.put("entries/open", Input.concat(new byte[] {2}, entries));
        seeds.put("entries/closed", Input.concat(new byte[] {3}, entries));
        byte[] whole = Input.concat(MAGIC, framed(entry(0)), framed(entry(1)));
        seeds.put("segment/whole", whole);
        seeds.put("segment/zeros-behind", Input.concat(whole, new byte[40]));
        seeds.put("segment/torn", java.util.Arrays.copyOf(whole, whole.length - 7));
        seeds.put("meta/whole", META.getBytes(StandardCharsets.UTF_8));
        seeds.put("configuration/whole", CONFIGURATION);
        seeds.put("snapshotConfiguration/whole", CONFIGURATION);
        seeds.put("registry/created", "state created\nfounder 1-0123456789abcdef\n".getBytes(StandardCharsets.UTF_8));
        return seeds;
    }

    private static byte[] entry(long index) {
        return LogEntryProto.newBuilder()
                .setTerm(1)
                .setIndex(index)
                .setStateMachineLogEntry(
                        StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFromUtf8("abc")))
                .build()
                .toByteArray();
    }

    private static byte[] sized(byte[] entry) {
        return Input.concat(new byte[] {(byte) entry.length}, entry);
    }

    /** As Ratis writes it. For entries of less than 128 bytes, whose length takes one. */
    private static byte[] framed(byte[] entry) {
        byte[] covered = sized(entry);
        byte[] crc = ByteBuffer.allocate(4)
                .putInt(Input.crc32c(covered, 0, covered.length))
                .array();
        return Input.concat(covered, crc);
    }

    @BeforeEach
    void empty() throws IOException {
        reset();
    }

    private void reset() throws IOException {
        for (String name : List.of("log_inprogress_0", "log_0-1")) {
            Files.deleteIfExists(directory.resolve(name));
        }
        Files.writeString(directory.resolve("raft-meta"), META);
        Files.write(directory.resolve(ConfigurationFile.NAME), CONFIGURATION);
    }

    /** Entries, each after its length, whose checksums are made right; how many of them are in a closed file. */
    @FuzzTest
    void entries(byte[] data) throws Exception {
        reset();
        Input input = new Input(data);
        boolean open = (input.u8() & 1) == 0;
        byte[] bytes = MAGIC;
        while (input.hasMore()) {
            byte[] entry = input.bytes(input.u8() & 0x7f);
            bytes = Input.concat(bytes, framed(entry));
        }
        Files.write(directory.resolve(open ? "log_inprogress_0" : "log_0-1"), bytes);
        check(data);
    }

    /** An open file, as it may lie on the disk. */
    @FuzzTest
    void segment(byte[] data) throws Exception {
        reset();
        Files.write(directory.resolve("log_inprogress_0"), data);
        check(data);
    }

    @FuzzTest
    void meta(byte[] data) throws Exception {
        reset();
        Files.write(directory.resolve("raft-meta"), data);
        check(data);
    }

    @FuzzTest
    void configuration(byte[] data) throws Exception {
        reset();
        Files.write(directory.resolve(ConfigurationFile.NAME), data);
        check(data);
    }

    /** What goes before a snapshot's frames, and lies beside the files until it is installed. The checksum is made right. */
    @FuzzTest
    void snapshotConfiguration(byte[] data) throws Exception {
        byte[] bytes = ByteBuffer.allocate(4 + data.length)
                .putInt(Input.crc32c(data, 0, data.length))
                .put(data)
                .array();
        Bounded.check((4 << 20) + 256L * data.length, () -> {
            try {
                LogEntryProto entry = SnapshotConfiguration.decode(ByteBuffer.wrap(bytes));
                assertThat(SnapshotConfiguration.decode(ByteBuffer.wrap(SnapshotConfiguration.encode(entry))))
                        .isEqualTo(entry);
            } catch (IOException expected) {
                assertThat(expected).hasMessageContaining("expected: ");
            }
        });
    }

    private void check(byte[] data) throws Exception {
        Bounded.check((4 << 20) + 256L * data.length, () -> {
            try {
                LogTail whole = RaftLogFiles.readWhole(directory, ENTRY_BYTES_MAX, (s, p, e, entry) -> {});
                LogTail tail = RaftLogFiles.read(directory, ENTRY_BYTES_MAX);
                assertThat(tail).isEqualTo(whole);
                assertThat(RaftLogFiles.read(directory, ENTRY_BYTES_MAX)).isEqualTo(tail);
            } catch (DamagedReplicaException expected) {
                assertThat(expected).hasMessageContaining("expected: ");
            }
        });
    }

    /** The checksum is made right. */
    @FuzzTest
    void registry(byte[] data) throws Exception {
        String body = new String(data, StandardCharsets.UTF_8);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head = String.format("gq-group 1 %08x\n", Input.crc32c(bytes, 0, bytes.length));
        GroupRegistry registry = new GroupRegistry(directory.resolve("registry"));
        Files.writeString(directory.resolve("registry").resolve(GROUP.toString()), head + body);
        Bounded.check((4 << 20) + 256L * data.length, () -> {
            try {
                GroupRegistry.Entry entry = registry.find(GROUP).orElseThrow();
                entry.founders()
                        .forEach(f -> assertThat(PeerId.parse(f.toString())).isEqualTo(f));
                registry.put(GROUP, entry);
                assertThat(registry.find(GROUP)).contains(entry);
            } catch (IOException expected) {
                assertThat(expected).hasMessageContaining("group registry");
            }
        });
    }
}
