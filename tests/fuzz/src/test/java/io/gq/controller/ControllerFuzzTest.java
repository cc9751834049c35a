package io.gq.controller;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ClusterImageCodec;
import io.gq.core.GroupId;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.fuzz.Bounded;
import io.gq.fuzz.Input;
import io.gq.proto.v1.BrokerRecord;
import io.gq.proto.v1.ClusterImageRecord;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.DeleteTopicCommand;
import io.gq.proto.v1.FoundCluster;
import io.gq.testing.FaultyFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The controller's commands, its checkpoint and its snapshots. */
public final class ControllerFuzzTest {

    private static final GroupId GROUP = new GroupId(new UUID(1, 1));
    private static final byte[] GROUP_BYTES = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1};

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        byte[] found = ControllerCommand.newBuilder()
                .setFoundCluster(FoundCluster.newBuilder().setClusterId("c"))
                .build()
                .toByteArray();
        byte[] delete = ControllerCommand.newBuilder()
                .setDeleteTopic(DeleteTopicCommand.newBuilder().setName("orders"))
                .build()
                .toByteArray();
        seeds.put("commands/found", Input.concat(new byte[] {0, (byte) found.length}, found));
        seeds.put("commands/delete", Input.concat(new byte[] {0, (byte) delete.length}, delete));
        byte[] image = ClusterImageRecord.newBuilder()
                .setVersion(3)
                .setClusterId("c")
                .addBrokers(BrokerRecord.newBuilder()
                        .setNodeId(1)
                        .setIncarnation("0123456789abcdef")
                        .setRack("r"))
                .build()
                .toByteArray();
        seeds.put("checkpoint/image", image);
        seeds.put("damagedCheckpoint/empty", new byte[48]);
        seeds.put("frames/two", new byte[] {1, 2, 0, 97, 1, 2, 1, 98});
        return seeds;
    }

    /** Commands, each after its length in two bytes: refused or applied, never an exception. */
    @FuzzTest
    void commands(byte[] data) throws Exception {
        Bounded.check((16 << 20) + 256L * data.length, () -> {
            ControllerStateMachine machine =
                    new ControllerStateMachine(GROUP, Path.of("/data/controller"), new FaultyFiles(1), image -> {});
            Input input = new Input(data);
            for (long index = 0; input.hasMore(); index++) {
                machine.apply(new Entry(1, index, ByteBuffer.wrap(input.bytes(input.u16()))));
                assertThat(machine.applied()).isEqualTo(new LogPosition(1, index));
            }
            byte[] image = ClusterImageCodec.encode(machine.image());
            ClusterImage again = ClusterImageCodec.decode(ByteBuffer.wrap(image));
            assertThat(ClusterImageCodec.encode(again)).isEqualTo(image);
        });
    }

    /** The header is made right around the image. */
    @FuzzTest
    void checkpoint(byte[] data) throws Exception {
        byte[] body = Input.concat(GROUP_BYTES, new byte[16], data);
        byte[] header = ByteBuffer.allocate(12)
                .putInt(CheckpointFormat.MAGIC)
                .putInt(CheckpointFormat.VERSION)
                .putInt(body.length)
                .array();
        byte[] covered = Input.concat(header, body);
        byte[] crc = ByteBuffer.allocate(4)
                .putInt(Input.crc32c(covered, 0, covered.length))
                .array();
        Bounded.check((1 << 20) + 256L * data.length, () -> {
            try {
                var checkpoint = CheckpointFormat.decode(GROUP, ByteBuffer.wrap(Input.concat(header, crc, body)));
                ByteBuffer again = CheckpointFormat.encode(GROUP, checkpoint.position(), checkpoint.image());
                var read = CheckpointFormat.decode(GROUP, again);
                assertThat(CheckpointFormat.encode(GROUP, read.position(), read.image()))
                        .isEqualTo(again);
            } catch (IllegalArgumentException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        });
    }

    /** As it may lie on the disk. */
    @FuzzTest
    void damagedCheckpoint(byte[] data) {
        try {
            CheckpointFormat.decode(GROUP, ByteBuffer.wrap(data));
        } catch (IllegalArgumentException expected) {
            assertThat(expected.getMessage()).isNotEmpty();
        }
    }

    /** For each frame: length of the chunk, bytes in all, number (a byte each), chunk; the checksum is made right. */
    @FuzzTest
    void frames(byte[] data) throws Exception {
        Bounded.check((1 << 20) + 64L * data.length, () -> {
            Input input = new Input(data);
            Deque<ByteBuffer> frames = new ArrayDeque<>();
            int bytes = 0;
            while (input.hasMore()) {
                int length = input.u8();
                int total = input.u8();
                byte[] prefix =
                        ByteBuffer.allocate(8).putInt(input.u8()).putInt(total).array();
                byte[] chunk = input.bytes(length);
                bytes += chunk.length;
                byte[] covered = Input.concat(prefix, chunk);
                byte[] crc = ByteBuffer.allocate(4)
                        .putInt(Input.crc32c(covered, 0, covered.length))
                        .array();
                frames.add(ByteBuffer.wrap(Input.concat(prefix, crc, chunk)));
            }
            try {
                assertThat(SnapshotFrames.join(new Frames(frames)).remaining()).isEqualTo(bytes);
            } catch (IOException expected) {
                assertThat(expected).hasMessageStartingWith("snapshot");
            }
        });
    }

    private record Frames(Deque<ByteBuffer> frames) implements SnapshotReader {
        @Override
        public LogPosition position() {
            return LogPosition.NONE;
        }

        @Override
        public @Nullable ByteBuffer next() {
            return frames.poll();
        }

        @Override
        public void close() {}
    }
}
