package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.core.BrokerException;
import io.gq.core.GroupId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.store.StateStore;
import io.gq.fuzz.Bounded;
import io.gq.fuzz.Input;
import io.gq.partition.log.DiskFlusher;
import io.gq.partition.log.StoredEntry;
import io.gq.partition.producer.AppendedBatch;
import io.gq.partition.producer.ProducerState;
import io.gq.partition.producer.ProducerStateTable;
import io.gq.testing.FaultyFiles;
import io.gq.testing.MemoryStateStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Snapshots that peers send, and the checkpoint rows in the state store. */
public final class SnapshotFuzzTest {

    private static final GroupId GROUP = new GroupId(new UUID(1, 1));
    private static final int CRC_BYTES = Integer.BYTES;

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        var manifest = new SnapshotFrames.Manifest(new LogPosition(3, 20), 0, 2, 1000, 0);
        var state = new ProducerState((short) 1, List.of(new AppendedBatch(0, 1, 0, 1000)));
        ByteBuffer payload = ByteBuffer.wrap(new byte[] {1, 2, 3, 4});
        CRC32C crc = new CRC32C();
        crc.update(payload.duplicate());
        var entry = new StoredEntry(3, 19, 1000, 0, 2, 4, (int) crc.getValue(), 1000);
        List<ByteBuffer> frames = List.of(
                SnapshotFrames.manifest(manifest),
                SnapshotFrames.producers(Map.of(42L, state)),
                SnapshotFrames.entry(entry),
                SnapshotFrames.chunk(payload),
                SnapshotFrames.end(1));
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (ByteBuffer frame : frames) {
            byte[] bytes = Input.array(frame);
            seeds.put("frame/" + bytes[1], java.util.Arrays.copyOf(bytes, bytes.length - CRC_BYTES));
            whole.write((bytes.length - CRC_BYTES) >> 8);
            whole.write(bytes.length - CRC_BYTES);
            whole.write(bytes, 0, bytes.length - CRC_BYTES);
        }
        seeds.put("install/whole", whole.toByteArray());
        byte[] meta =
                ByteBuffer.allocate(41).put((byte) 1).putLong(3).putLong(20).array();
        byte[] producer = ProducerStateTable.encode(state);
        seeds.put("rows/meta", Input.concat(new byte[] {0, 0, 41}, meta));
        seeds.put(
                "rows/producer",
                Input.concat(
                        new byte[] {0, 0, 41}, meta, new byte[] {4, 8, (byte) producer.length}, new byte[8], producer));
        byte[] mark = ByteBuffer.allocate(21)
                .put((byte) 1)
                .putInt(1)
                .putLong(4)
                .putLong(2)
                .array();
        seeds.put("rows/segment", Input.concat(new byte[] {1, 12, 21}, new byte[12], mark));
        return seeds;
    }

    /** The checksum is made right. */
    @FuzzTest
    void frame(byte[] data) throws Exception {
        Bounded.check((1 << 20) + 64L * data.length, () -> {
            try {
                SnapshotFrames.Frame frame = SnapshotFrames.decode(withCrc(data));
                ByteBuffer again = switch (frame.kind()) {
                    case MANIFEST -> SnapshotFrames.manifest(SnapshotFrames.manifest(copy(frame)));
                    case PRODUCERS -> {
                        var producers = SnapshotFrames.producers(copy(frame));
                        ByteBuffer encoded = SnapshotFrames.producers(producers);
                        assertThat(SnapshotFrames.producers(SnapshotFrames.decode(encoded)))
                                .isEqualTo(producers);
                        yield null;
                    }
                    case ENTRY -> SnapshotFrames.entry(SnapshotFrames.entry(copy(frame)));
                    case CHUNK -> SnapshotFrames.chunk(copy(frame).body());
                    case END -> SnapshotFrames.end(SnapshotFrames.entries(copy(frame)));
                };
                if (again != null) {
                    assertThat(again).isEqualTo(withCrc(data));
                }
            } catch (IOException expected) {
                assertThat(expected).hasMessageStartingWith("snapshot frame");
            }
        });
    }

    /** Frames, each after its length in two bytes, into an empty replica: what comes of it is a snapshot, or refused. */
    @FuzzTest
    void install(byte[] data) throws Exception {
        Bounded.check((16 << 20) + 64L * data.length, () -> {
            PartitionStateMachine machine = machine(new MemoryStateStore());
            machine.open(LogTail.EMPTY);
            Input input = new Input(data);
            Deque<ByteBuffer> frames = new ArrayDeque<>();
            while (input.hasMore()) {
                frames.add(withCrc(input.bytes(input.u16())));
            }
            try {
                LogPosition position = machine.install(new Frames(frames));
                assertThat(machine.applied()).isEqualTo(position);
                assertThat(machine.highWatermark()).isBetween(machine.logStartOffset(), machine.logEndOffset());
            } catch (IOException expected) {
                assertThat(machine.applied()).isEqualTo(LogPosition.NONE);
            }
            machine.close();
        });
    }

    private record Frames(Deque<ByteBuffer> frames) implements SnapshotReader {
        @Override
        public LogPosition position() {
            return new LogPosition(3, 20);
        }

        @Override
        public @Nullable ByteBuffer next() {
            return frames.poll();
        }

        @Override
        public void close() {}
    }

    /** Rows: kind, length of the rest of the key, length of the value, both. */
    @FuzzTest
    void rows(byte[] data) throws Exception {
        Bounded.check((16 << 20) + 64L * data.length, () -> {
            MemoryStateStore store = new MemoryStateStore();
            StateStore.Batch batch = store.batch(GROUP);
            Input input = new Input(data);
            for (int i = 0; i < 32 && input.hasMore(); i++) {
                byte kind = (byte) "csutp".charAt(input.u8() % 5);
                int keyBytes = input.u8();
                int valueBytes = input.u8();
                byte[] key = Input.concat(new byte[] {kind}, input.bytes(keyBytes));
                batch.put(key, input.bytes(valueBytes));
            }
            store.write(batch);
            PartitionStateMachine machine = machine(store);
            try {
                machine.open(LogTail.EMPTY);
                machine.close();
            } catch (DamagedReplicaException | IOException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            } catch (IllegalStateException newer) {
                assertThat(newer).hasMessageContaining("version: ");
            } catch (BrokerException unexpected) {
                throw new AssertionError(unexpected);
            }
        });
    }

    private static PartitionStateMachine machine(StateStore store) {
        return new PartitionStateMachine(
                GROUP,
                Path.of("/data/group"),
                new FaultyFiles(1),
                new DiskFlusher(Runnable::run),
                store,
                PartitionConfig.DEFAULT,
                PartitionMetrics.NONE,
                ReplicaListener.NONE);
    }

    private static SnapshotFrames.Frame copy(SnapshotFrames.Frame frame) {
        return new SnapshotFrames.Frame(frame.kind(), frame.body().duplicate());
    }

    private static ByteBuffer withCrc(byte[] covered) {
        return ByteBuffer.allocate(covered.length + CRC_BYTES)
                .put(covered)
                .putInt(Input.crc32c(covered, 0, covered.length))
                .flip();
    }
}
