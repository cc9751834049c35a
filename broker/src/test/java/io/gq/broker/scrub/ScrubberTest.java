package io.gq.broker.scrub;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.broker.config.ScrubConfig;
import io.gq.core.ByteSize;
import io.gq.core.GroupId;
import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.partition.log.DiskFlusher;
import io.gq.partition.log.LogCheckpoint;
import io.gq.partition.log.LogConfig;
import io.gq.partition.log.LogListener;
import io.gq.partition.log.LogScrub;
import io.gq.partition.log.SegmentedLog;
import io.gq.partition.log.StoredEntry;
import io.gq.testing.FaultyFiles;
import io.gq.testing.ManualScheduler;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ScrubberTest {

    private static final int RATE = 64 << 10;
    private static final int ENTRY_BYTES = 1000;

    private final FaultyFiles files = new FaultyFiles(1);
    private final ManualScheduler time = new ManualScheduler();
    private final List<Replica> replicas = new ArrayList<>();
    private final Map<GroupId, String> rebuilt =
            new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
    private final Counts counts = new Counts();

    @Test
    void shouldReadEveryReplicaInEachRoundAtItsRate() throws Exception {
        replica(100);
        replica(30);
        scrubber(Duration.ofSeconds(30)).start();

        time.advance(Duration.ofSeconds(31));

        assertThat(counts.bytes)
                .as("a second's worth, and the stretch under way")
                .isBetween((long) RATE, RATE + 20_000L);
        time.advance(Duration.ofSeconds(10));
        assertThat(counts.rounds).isEqualTo(1);
        assertThat(counts.bytes).isEqualTo(130 * (ENTRY_BYTES + 64));
        assertThat(counts.expected).isEqualTo(130 * ENTRY_BYTES);

        time.advance(Duration.ofSeconds(30));
        assertThat(counts.rounds).as("rounds begin an interval apart").isEqualTo(2);
        assertThat(rebuilt).isEmpty();
        assertThat(time.failures()).isEmpty();
    }

    @Test
    void shouldHaveOnlyTheDamagedReplicaRebuiltAndGoOn() throws Exception {
        Replica sound = replica(20);
        Replica rotten = replica(20);
        replica(20);
        files.flipBit(rotten.segment(), 7 * ENTRY_BYTES + 500, 4);
        scrubber(Duration.ofSeconds(30)).start();

        time.advance(Duration.ofSeconds(50));

        assertThat(rebuilt).containsOnlyKeys(rotten.id());
        assertThat(rebuilt.get(rotten.id())).contains("payload of entry 7 at 7000");
        assertThat(counts.damage).isEqualTo(1);
        assertThat(counts.rounds).isEqualTo(1);
        assertThat(sound.log().highWatermark()).isEqualTo(20);
    }

    @Test
    void shouldGoOnWithTheOthersWhenAReplicaIsClosed() throws Exception {
        replica(20).log().close();
        replica(20);
        scrubber(Duration.ofSeconds(30)).start();

        time.advance(Duration.ofSeconds(40));

        assertThat(counts.rounds).isEqualTo(1);
        assertThat(counts.bytes).isEqualTo(20 * (ENTRY_BYTES + 64));
        assertThat(rebuilt).isEmpty();
    }

    @Test
    void shouldDoNothingWhenOffOrStopped() throws Exception {
        replica(200);
        scrubber(new ScrubConfig(ByteSize.parse("0"), Duration.ofSeconds(1))).start();
        assertThat(time.pending()).isZero();

        Scrubber scrubber = scrubber(Duration.ofSeconds(1));
        scrubber.start();
        time.advance(Duration.ofSeconds(2));
        scrubber.stop();
        long before = counts.bytes;
        time.advance(Duration.ofSeconds(60));
        assertThat(counts.bytes).isEqualTo(before).isPositive();
        assertThat(time.pending()).isZero();
    }

    private Scrubber scrubber(Duration interval) {
        return scrubber(new ScrubConfig(new ByteSize(RATE), interval));
    }

    private Scrubber scrubber(ScrubConfig config) {
        return new Scrubber(
                config,
                () -> replicas,
                rebuilt::put,
                counts,
                time,
                Runnable::run,
                time.clock(),
                () -> time.clock().millis() * 1_000_000);
    }

    /** A log of entries of one batch each, all of one size. */
    private Replica replica(int entries) throws Exception {
        GroupId id = new GroupId(new UUID(1, replicas.size()));
        Path directory = Path.of("/data", id.toString());
        SegmentedLog log = SegmentedLog.open(
                directory,
                files,
                new DiskFlusher(Runnable::run),
                new Silence(),
                new LogConfig(1 << 20, 1_000_000, 0, 0, true),
                LogCheckpoint.NONE,
                List.of(),
                0);
        for (int i = 0; i < entries; i++) {
            ByteBuffer payload = payload(i);
            CRC32C crc = new CRC32C();
            crc.update(payload.duplicate());
            CompletableFuture<Void> durable = log.write(
                    new StoredEntry(1, i, 1, i, i + 1, payload.remaining(), (int) crc.getValue(), 1), payload);
            log.flush(i).join();
            durable.join();
            log.commit(i, i + 1);
        }
        Replica made = new Replica(id, log, directory);
        replicas.add(made);
        return made;
    }

    private static ByteBuffer payload(long offset) {
        for (int bytes = ENTRY_BYTES; ; bytes--) {
            RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, ENTRY_BYTES);
            builder.append(1, null, ByteBuffer.allocate(bytes), List.of());
            ByteBuffer batch = builder.build();
            if (batch.remaining() == ENTRY_BYTES) {
                RecordBatch.at(batch, 0).assign(offset, 1);
                return batch;
            }
        }
    }

    private record Replica(GroupId id, SegmentedLog log, Path directory) implements ScrubTarget {
        @Override
        public long bytes() {
            return log.bytes();
        }

        @Override
        public LogScrub scrub() {
            return new LogScrub(log, LogScrub.Visitor.NONE);
        }

        Path segment() {
            return directory.resolve(String.format("%020d.1.log", 0));
        }
    }

    private static final class Silence implements LogListener {
        @Override
        public void highWatermark(long offset) {}

        @Override
        public void failed(Exception cause) {}

        @Override
        public void damaged(String what) {}
    }

    private static final class Counts implements ScrubMetrics {
        private long expected;
        private long bytes;
        private int damage;
        private int rounds;

        @Override
        public void begun(long expectedBytes) {
            expected = expectedBytes;
        }

        @Override
        public void read(long byteCount) {
            bytes += byteCount;
        }

        @Override
        public void damaged() {
            damage++;
        }

        @Override
        public void completed(long timeMs) {
            rounds++;
        }
    }
}
