package io.gq.partition.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.core.BrokerException;
import io.gq.core.io.StorageFile;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.fuzz.Bounded;
import io.gq.fuzz.Input;
import io.gq.testing.FaultyFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Segments and entry indexes as a disk may hold them, rows with a right checksum among them. */
public final class LogRecoveryFuzzTest {

    private static final Path DIRECTORY = Path.of("/data/group");
    private static final LogConfig CONFIG = new LogConfig(700, 60_000, 256, 1 << 20, true);
    private static final SegmentName NAME = new SegmentName(0, 1);

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        byte[] payload = "0123456789".getBytes(StandardCharsets.UTF_8);
        int crc = Input.crc32c(payload, 0, 10);
        byte[] first = row(new EntryRow(1, 10, 5, 2, 0, 0, 3, 100, crc));
        byte[] second = row(new EntryRow(1, 10, 6, 2, 10, 3, 4, 101, crc));
        byte[] marks = ByteBuffer.allocate(12).putInt(2).putInt(20).putInt(4).array();
        byte[] tail = ByteBuffer.allocate(12).putInt(1).putInt(10).putInt(3).array();
        seeds.put("recover/checkpoint", Input.concat(new byte[] {2, 0}, marks, first, second, payload, payload));
        seeds.put("recover/tail", Input.concat(new byte[] {2, 1}, tail, first, second, payload, payload));
        return seeds;
    }

    private static byte[] row(EntryRow row) {
        return java.util.Arrays.copyOf(row.encode().array(), EntryRow.BYTES - Integer.BYTES);
    }

    /** Count of rows, flags, three numbers of the checkpoint, rows without checksum, what the segment holds. */
    @FuzzTest
    void recover(byte[] data) throws Exception {
        Bounded.check((8 << 20) + 64L * data.length, () -> {
            Input input = new Input(data);
            int rows = input.u8() % 8;
            int flags = input.u8();
            ByteBuffer numbers = ByteBuffer.wrap(input.block(12));
            SegmentMark mark = new SegmentMark(NAME, numbers.getInt(), numbers.getInt(), numbers.getInt());
            FaultyFiles files = new FaultyFiles(1);
            files.createDirectories(DIRECTORY);
            StoredEntry entry = index(files, input, rows);
            try (StorageFile file = files.open(NAME.logFile(DIRECTORY))) {
                file.write(ByteBuffer.wrap(input.rest()), 0);
            }
            LogCheckpoint checkpoint =
                    new LogCheckpoint(entry.index() - 1, 0, mark.endOffset(), List.of(mark), List.of(), 0);
            List<StoredEntry> tail = (flags & 1) == 1 && sound(entry) ? List.of(logged(entry, flags)) : List.of();
            read(files, checkpoint, tail);
        });
    }

    /** With its payload in the Raft log, where the flags say so and it is small. */
    private static StoredEntry logged(StoredEntry entry, int flags) {
        if ((flags & 2) == 0 || entry.length() > 4096) {
            return entry;
        }
        byte[] payload = new byte[entry.length()];
        return new StoredEntry(
                entry.term(),
                entry.index(),
                entry.timestampMs(),
                entry.baseOffset(),
                entry.endOffset(),
                entry.length(),
                Input.crc32c(payload, 0, payload.length),
                entry.maxTimestampMs(),
                ByteBuffer.wrap(payload));
    }

    /** What the command codec lets through. */
    private static boolean sound(StoredEntry entry) {
        return entry.length() > 0 && entry.baseOffset() >= 0 && entry.endOffset() > entry.baseOffset();
    }

    /** Returns what the last row would be to the Raft log. */
    private static StoredEntry index(FaultyFiles files, Input input, int rows) throws IOException {
        StoredEntry last = new StoredEntry(0, 0, 0, 0, 0, 0, 0, 0);
        try (StorageFile file = files.open(NAME.indexFile(DIRECTORY))) {
            new EntryIndex(file, NAME).writeHeader();
            for (int i = 0; i < rows; i++) {
                byte[] row = Input.concat(input.block(EntryRow.BYTES - Integer.BYTES), new byte[Integer.BYTES]);
                ByteBuffer bytes = ByteBuffer.wrap(row).putInt(0, NAME.generation());
                bytes.putInt(60, Input.crc32c(row, 0, 60));
                file.write(bytes, EntryIndex.HEADER_BYTES + (long) i * EntryRow.BYTES);
                EntryRow decoded = EntryRow.decode(bytes.rewind(), 0, NAME.generation());
                assertThat(decoded).isNotNull();
                assertThat(decoded.encode()).isEqualTo(bytes.rewind());
                last = new StoredEntry(
                        decoded.term(),
                        decoded.index(),
                        0,
                        decoded.baseOffset(),
                        decoded.endOffset(),
                        decoded.length(),
                        decoded.payloadCrc(),
                        decoded.maxTimestampMs());
            }
        }
        return last;
    }

    private static void read(FaultyFiles files, LogCheckpoint checkpoint, List<StoredEntry> tail) throws IOException {
        LogListener listener = new LogListener() {
            @Override
            public void highWatermark(long offset) {}

            @Override
            public void failed(Exception cause) {}

            @Override
            public void damaged(String what) {}
        };
        try (SegmentedLog log = SegmentedLog.open(
                DIRECTORY, files, new DiskFlusher(Runnable::run), listener, CONFIG, checkpoint, tail, 0)) {
            assertThat(log.endOffset()).isGreaterThanOrEqualTo(log.highWatermark());
            try {
                log.read(log.startOffset(), 1000);
                log.find(100);
            } catch (BrokerException expected) {
                assertThat(expected.code()).isNotNull();
            }
        } catch (DamagedReplicaException | IOException expected) {
            assertThat(expected.getMessage()).isNotEmpty();
        }
    }
}
