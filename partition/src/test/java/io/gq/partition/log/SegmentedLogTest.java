package io.gq.partition.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.Invariant;
import io.gq.core.io.NioStorageFiles;
import io.gq.core.record.Compression;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.core.record.RecordBatches;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.testing.FaultyFiles;
import io.gq.testing.Seeds;
import io.gq.testing.SyncCount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentedLogTest {

    private final LogHarness harness;

    SegmentedLogTest() throws Exception {
        harness = new LogHarness();
    }

    // ---- reading

    @Test
    void shouldReadAcrossSegmentsWhateverTheLimit() {
        harness.appendMany(200);
        assertThat(harness.log.infos()).hasSizeGreaterThan(5);
        for (int bytesMax : new int[] {0, 1, 70, 500, 1 << 20}) {
            assertThat(harness.readAll(bytesMax)).containsExactlyElementsOf(offsets(0, 200));
        }
    }

    @Test
    void shouldBeginWithTheBatchThatContainsTheOffset() {
        harness.write(LogHarness.batch(1, 2, 3), LogHarness.batch(4, 5), LogHarness.batch(6))
                .join();
        harness.commit();
        Slice slice = harness.log.read(4, 1);
        assertThat(RecordBatch.at(slice.batches(), 0).baseOffset()).isEqualTo(3);
        assertThat(slice.nextOffset()).isEqualTo(5);
        assertThat(harness.log.read(4, 1000).nextOffset()).isEqualTo(6);
    }

    @Test
    void shouldShowNothingAboveTheHighWatermark() {
        harness.appendMany(3);
        harness.write(9).join();
        assertThat(harness.readAll(1000)).containsExactly(0L, 1L, 2L);
        assertThat(harness.log.read(3, 1000).batches().remaining()).isZero();
        assertThat(harness.log.read(4, 1000).batches().remaining()).isZero();
        assertThat(harness.log.endOffset()).isEqualTo(4);
        assertThat(harness.seenHighWatermark).isEqualTo(3);
    }

    @Test
    void shouldRefuseOffsetsOutOfRange() {
        harness.appendMany(5);
        harness.log.trim(2);
        assertOutOfRange(1);
        assertOutOfRange(6);
        assertOutOfRange(-1);
        assertThat(harness.log.read(2, 10).nextOffset()).isEqualTo(3);
    }

    @Test
    void shouldNeverShowPreallocatedZeros() throws Exception {
        harness.appendMany(1);
        assertThat(harness.faulty.bytes(harness.logFiles().get(0))).hasSize(512);
        assertThat(harness.log.read(0, 100_000).batches().remaining()).isLessThan(100);
    }

    @Test
    void shouldWriteAsManyZerosAheadAsTheSegmentHoldsWithinBounds() throws Exception {
        harness.config = new LogConfig(10 << 20, 1_000_000, 200 << 10, 1 << 20, true);
        harness.restart();
        harness.appendMany(1);
        Path file = harness.logFiles().get(0);
        assertThat(harness.faulty.bytes(file)).hasSize(64 << 10);

        while (harness.log.bytes() <= 64 << 10) {
            harness.appendMany(1);
        }
        assertThat(harness.faulty.bytes(file)).hasSize(128 << 10);
        while (harness.log.bytes() <= 256 << 10) {
            harness.appendMany(1);
        }
        assertThat(harness.faulty.bytes(file)).as("steps of 200 KB at most").hasSize(400 << 10);
    }

    @Test
    void shouldCutSealedSegmentsToSize() throws Exception {
        harness.appendMany(60);
        List<Path> sealed = harness.logFiles();
        List<SegmentInfo> infos = harness.log.infos();
        for (int i = 0; i < infos.size() - 1; i++) {
            assertThat((long) harness.faulty.bytes(sealed.get(i)).length)
                    .isEqualTo(infos.get(i).bytes());
        }
    }

    @Test
    void shouldHoldEachPayloadOnceOnDisk() throws Exception {
        byte[] marker = "only-once-marker".getBytes(StandardCharsets.UTF_8);
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 100);
        builder.append(1, null, ByteBuffer.wrap(marker), List.of());
        harness.write(builder.build()).join();
        harness.commit();
        harness.checkpoint();
        int found = 0;
        for (Path file : harness.files.list(harness.directory)) {
            String text =
                    new String(harness.faulty.bytes(harness.directory.resolve(file)), StandardCharsets.ISO_8859_1);
            found += text.split("only-once-marker", -1).length - 1;
        }
        assertThat(found).isOne();
    }

    // ---- time

    @Test
    void shouldFindTheFirstRecordAtOrAfterATime() {
        harness.append(100, 110, 120);
        harness.append(90);
        harness.append(130, 125, 140);
        assertThat(harness.log.find(0)).contains(new TimestampOffset(0, 100));
        assertThat(harness.log.find(101)).contains(new TimestampOffset(1, 110));
        assertThat(harness.log.find(121)).contains(new TimestampOffset(4, 130));
        assertThat(harness.log.find(131)).contains(new TimestampOffset(6, 140));
        assertThat(harness.log.find(141)).isEmpty();
        harness.log.trim(2);
        assertThat(harness.log.find(0)).contains(new TimestampOffset(2, 120));
        harness.log.trim(3);
        assertThat(harness.log.find(100)).contains(new TimestampOffset(4, 130));
    }

    @Test
    void shouldFindTimesAsAScanWould() throws Exception {
        Seeds.check(30, seeds -> {
            LogHarness h = new LogHarness();
            List<Long> times = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                long time = 1000L + i + seeds.between(-20, 20);
                times.add(time);
                h.append(time);
            }
            h.checkpoint();
            h.restart();
            int start = seeds.between(0, 250);
            h.log.trim(start);
            for (int i = 0; i < 50; i++) {
                long wanted = 950L + seeds.between(0, 400);
                Optional<TimestampOffset> expected = LongStream.range(start, 300)
                        .filter(o -> times.get((int) o) >= wanted)
                        .mapToObj(o -> new TimestampOffset(o, times.get((int) o)))
                        .findFirst();
                assertThat(h.log.find(wanted)).isEqualTo(expected);
            }
        });
    }

    // ---- restart

    @Test
    void shouldGoOnBehindTheEndAfterRestart() throws Exception {
        for (int round = 1; round <= 6; round++) {
            harness.appendMany(7);
            if (round % 2 == 0) {
                harness.checkpoint();
            }
            harness.restart();
            assertThat(harness.readAll(300)).containsExactlyElementsOf(offsets(0, 7L * round));
        }
    }

    @Test
    void shouldKeepEverythingDurableThroughPowerLoss() throws Exception {
        harness.appendMany(30);
        harness.checkpoint();
        harness.appendMany(30);
        harness.powerLoss();
        assertThat(harness.readAll(300)).containsExactlyElementsOf(offsets(0, 60));
    }

    @Test
    void shouldCutATailTheRaftLogDoesNotName() throws Exception {
        harness.appendMany(3);
        harness.writeUnnamed(5);
        harness.restart();
        assertThat(harness.log.endOffset()).isEqualTo(3);
        harness.nextIndex--;
        harness.appendMany(4);
        harness.restart();
        assertThat(harness.readAll(300)).containsExactlyElementsOf(offsets(0, 7));
        harness.checkpoint();
        assertThat(harness.logFiles()).hasSize(harness.log.infos().size());
    }

    @Test
    void shouldCutATornTail() throws Exception {
        harness.appendMany(3);
        harness.faulty.failWrite(p -> p.toString().endsWith(".log"), 1);
        harness.writeUnnamed(5, 6, 7);
        assertThat(harness.failure).isNotNull();
        harness.restart();
        assertThat(harness.readAll(300)).containsExactly(0L, 1L, 2L);
        harness.nextIndex--;
        harness.appendMany(2);
        assertThat(harness.readAll(300)).containsExactlyElementsOf(offsets(0, 5));
    }

    @Test
    void shouldFindAnEntryWrittenTwiceWithWhatFollowsIt() throws Exception {
        harness.appendMany(2);
        ByteBuffer again = LogHarness.batch(77);
        StoredEntry entry = harness.entry(again);
        harness.write(entry, again).join();
        harness.restart(); // the Raft log had not come to it
        harness.write(entry, again).join();
        harness.raftLog.add(entry);
        harness.appendMany(3);
        harness.restart();
        assertThat(harness.readAll(300)).containsExactlyElementsOf(offsets(0, 6));
    }

    @Test
    void shouldNotWaitForTheDiskWithWhatTheRaftLogHolds() throws Exception {
        harness.appendMany(1); // its segment's name is synced
        harness.inline = true;
        harness.faulty.failForce(file -> true, 1);
        harness.appendMany(5);
        assertThat(harness.failure).isNull();
        assertThatThrownBy(harness::checkpoint).isInstanceOf(IOException.class);
        assertThat(harness.failure).as("the checkpoint waits for it").isNotNull();
    }

    @Test
    void shouldWriteAnewWhatAFailedSyncMayHaveLostOfWhatTheRaftLogHolds() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            LogHarness failing = new LogHarness(seed);
            failing.inline = true;
            failing.appendMany(3);
            failing.faulty.failForce(file -> file.toString().endsWith(".log"), 1);
            assertThatThrownBy(failing::checkpoint).isInstanceOf(IOException.class);
            failing.restart();
            failing.checkpoint();
            failing.raftLog.clear(); // purged
            failing.powerLoss();
            assertThat(failing.readAll(100)).containsExactlyElementsOf(offsets(0, 3));
        }
    }

    @Test
    void shouldNotCheckpointOverASyncThatFailedForSomeoneElse() throws Exception {
        FaultyFiles disk = new FaultyFiles(5);
        Runnable[] beforeIndexSync = {() -> {}};
        SyncCount files =
                new SyncCount(disk, path -> path.toString().endsWith(".index"), () -> beforeIndexSync[0].run());
        LogHarness h = new LogHarness(files, LogHarness.DIRECTORY);
        h.inline = true;
        h.appendMany(3);
        h.inline = false;
        ByteBuffer batch = LogHarness.batch(9);
        StoredEntry entry = h.entry(batch);
        AtomicBoolean failed = new AtomicBoolean();
        beforeIndexSync[0] = () -> {
            // the log's thread gets to know what a sync of the entries above would have told
            disk.failForce(file -> file.toString().endsWith(".log"), 1);
            failed.set(h.write(entry, batch).isCompletedExceptionally());
        };
        assertThatThrownBy(h::checkpoint).isInstanceOf(IOException.class);
        assertThat(failed).isTrue();
        assertThat(disk.forcesAfterFailure()).isZero();
    }

    @Test
    void shouldTakeFromTheRaftLogWhatIsDamaged() throws Exception {
        harness.inline = true;
        harness.appendMany(4);
        long bytes = harness.log.bytes();
        for (long at = 0; at < bytes; at += 3) {
            harness.faulty.flipBit(harness.logFiles().get(0), at, (int) (at % 8));
            harness.restart();
            assertThat(harness.readAll(300)).containsExactlyElementsOf(offsets(0, 4));
        }
        assertThat(harness.damages).isEmpty();
    }

    @Test
    void shouldKeepWhatTheRaftLogNamesWhateverItHoldsOfIt() {
        int[] lost = new int[1];
        Seeds.check(2000, seeds -> {
            LogHarness h = new LogHarness(seeds.seed());
            long committed = -1;
            for (int step = seeds.between(5, 60); step > 0; step--) {
                h.inline = !seeds.oneIn(4);
                switch (seeds.between(0, 9)) {
                    case 0, 1, 2, 3 ->
                        h.write(seeds.between(1, 99), seeds.between(1, 99)).join();
                    case 4 -> {
                        if (!h.raftLog.isEmpty()) {
                            h.commit();
                            committed = h.nextIndex - 1;
                        }
                    }
                    case 5 -> {
                        if (h.nextIndex - 1 > committed) {
                            h.truncate(seeds.between((int) committed + 1, (int) h.nextIndex - 1));
                        }
                    }
                    case 6 -> {
                        if (!h.raftLog.isEmpty()) {
                            h.commit();
                            committed = h.nextIndex - 1;
                            h.checkpoint();
                        }
                    }
                    case 7 -> {
                        long index = h.nextIndex;
                        h.writeUnnamed(seeds.between(1, 99));
                        h.log.close();
                        h.nextIndex = index;
                        h.open();
                        committed = index - 1;
                    }
                    case 8 -> {
                        h.restart();
                        committed = h.nextIndex - 1;
                    }
                    default -> {
                        h.powerLoss();
                        committed = h.nextIndex - 1;
                        lost[0]++;
                    }
                }
                assertThat(h.failure).isNull();
            }
            h.powerLoss();
            long end = h.raftLog.isEmpty()
                    ? 0
                    : h.raftLog.get(h.raftLog.size() - 1).endOffset();
            assertThat(h.readAll(300)).containsExactlyElementsOf(offsets(0, end));
            for (StoredEntry entry : h.raftLog) {
                assertThat(Crc.of(h.log.payload(entry.term(), entry.index()))).isEqualTo(entry.crc());
            }
            assertThat(h.damages).isEmpty();
        });
        assertThat(lost[0]).as("power losses").isGreaterThan(2000);
    }

    // ---- damage

    @Test
    void shouldCondemnADiskWithoutWhatTheRaftLogNames() throws Exception {
        harness.appendMany(3);
        ByteBuffer lost = LogHarness.batch(5);
        harness.raftLog.add(harness.entry(lost));
        assertThatThrownBy(harness::restart)
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("is not on this disk");
    }

    @Test
    void shouldSayHowMuchOfTheRaftLogItHolds() throws Exception {
        LogHarness h = new LogHarness();
        for (long t = 1; t <= 6; t++) {
            h.write(t).join();
        }
        h.log.close();

        assertThat(held(h)).isEqualTo(6);
        StoredEntry fourth = h.raftLog.get(3);
        h.raftLog.set(
                3,
                new StoredEntry(
                        fourth.term(),
                        fourth.index(),
                        fourth.timestampMs(),
                        fourth.baseOffset(),
                        fourth.endOffset(),
                        fourth.length(),
                        fourth.crc() + 1,
                        fourth.maxTimestampMs()));
        assertThat(held(h)).as("up to the first that is not here").isEqualTo(3);
        h.raftLog.subList(3, 6).clear();
        h.open();
        assertThat(h.log.endOffset()).as("looking has changed nothing").isEqualTo(3);
    }

    private static int held(LogHarness h) throws Exception {
        return SegmentedLog.held(h.directory, h.files, h.config, h.checkpoint, h.raftLog);
    }

    @Test
    void shouldCondemnEveryFlippedBitAboveTheCheckpoint() throws Exception {
        harness.appendMany(4);
        long bytes = harness.log.bytes();
        for (long at = 0; at < bytes; at += 3) {
            Path file = harness.logFiles().get(0);
            harness.faulty.flipBit(file, at, (int) (at % 8));
            assertThatThrownBy(harness::restart).isInstanceOf(DamagedReplicaException.class);
            harness.faulty.flipBit(file, at, (int) (at % 8));
        }
        harness.restart();
        assertThat(harness.readAll(300)).hasSize(4);
    }

    @Test
    void shouldCondemnADamagedMiddle() throws Exception {
        harness.appendMany(40);
        harness.checkpoint();
        harness.faulty.flipBit(harness.logFiles().get(1), 100, 3);
        assertThatThrownBy(harness::restart)
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("is damaged");
    }

    @Test
    void shouldReportDamageWhereItIsRead() throws Exception {
        harness.config = new LogConfig(1000, 1_000_000, 0, 0, true);
        harness.appendMany(40);
        harness.checkpoint();
        harness.faulty.flipBit(harness.logFiles().get(0), 64, 3);
        harness.restart(); // too deep to be looked at
        assertThatThrownBy(() -> harness.readAll(10_000))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REPLICA_DAMAGED));
        assertThatThrownBy(() -> harness.log.payload(1, 0)).isInstanceOf(DamagedLogException.class);
        assertThatThrownBy(() -> harness.log.visit(b -> {})).isInstanceOf(BrokerException.class);
        assertThat(harness.damages).hasSize(3);
        CommittedEntries entries = new CommittedEntries(harness.log, 0, harness.log.highWatermark());
        assertThatThrownBy(entries::next).isInstanceOf(DamagedLogException.class);
    }

    @Test
    void shouldCondemnABadIndexRowBelowTheCheckpoint() throws Exception {
        harness.appendMany(40);
        harness.checkpoint();
        Path index = Path.of(harness.logFiles().get(0).toString().replace(".log", ".index"));
        harness.faulty.flipBit(index, EntryIndex.HEADER_BYTES + 3 * EntryRow.BYTES + 20, 1);
        assertThatThrownBy(harness::restart)
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("bad index row 3");
        harness.faulty.flipBit(index, EntryIndex.HEADER_BYTES + 3 * EntryRow.BYTES + 20, 1);
        harness.faulty.flipBit(index, 9, 1);
        assertThatThrownBy(harness::restart)
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("no valid index header");
    }

    @Test
    void shouldCondemnAMissingSegment() throws Exception {
        harness.appendMany(40);
        harness.checkpoint();
        harness.log.close();
        harness.files.delete(harness.logFiles().get(1));
        assertThatThrownBy(harness::open).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldWriteRowsAnewThatWereLost() throws Exception {
        harness.appendMany(3);
        Path index = Path.of(harness.logFiles().get(0).toString().replace(".log", ".index"));
        harness.log.close();
        harness.files.delete(index);
        harness.open();
        assertThat(harness.readAll(100)).hasSize(3);
        harness.checkpoint();
        harness.powerLoss();
        assertThat(harness.readAll(100)).hasSize(3);
    }

    @Test
    void shouldWriteRowsAnewThatAFailedSyncMayHaveLost() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            LogHarness failing = new LogHarness(seed);
            failing.appendMany(3);
            failing.faulty.failForce(file -> file.toString().endsWith(".index"), 1);
            assertThatThrownBy(failing::checkpoint).isInstanceOf(IOException.class);
            failing.restart();
            failing.checkpoint();
            failing.raftLog.clear(); // purged
            failing.powerLoss();
            assertThat(failing.readAll(100)).containsExactlyElementsOf(offsets(0, 3));
        }
    }

    // ---- cutting

    @Test
    void shouldReplaceWhatIsCutAndKeepItsBytesUntilTheCheckpoint() throws Exception {
        harness.appendMany(3);
        List<StoredEntry> before = List.copyOf(harness.raftLog);
        ByteBuffer old = LogHarness.batch(5);
        StoredEntry cut = harness.entry(old);
        harness.write(cut, old).join();
        harness.truncate(cut.index());
        assertThat(harness.log.endOffset()).isEqualTo(3);
        harness.write(6, 7).join();
        assertThat(harness.logFiles()).hasSize(2);

        List<StoredEntry> named = List.copyOf(harness.raftLog);
        harness.raftLog.clear(); // the process ends before the Raft log is cut on disk
        harness.raftLog.addAll(before);
        harness.raftLog.add(cut);
        harness.restart();
        assertThat(harness.log.endOffset()).isEqualTo(4);

        harness.log.close(); // and again, but now the cut got there
        harness.raftLog.clear();
        harness.raftLog.addAll(named);
        harness.open();
        assertThat(harness.readAll(100)).containsExactlyElementsOf(offsets(0, 5));
        harness.checkpoint();
        long files = harness.logFiles().stream()
                .mapToLong(f -> harness.faulty.bytes(f).length)
                .sum();
        assertThat(files).isLessThan(harness.log.bytes() + 512);
        harness.restart();
        assertThat(harness.readAll(100)).containsExactlyElementsOf(offsets(0, 5));
    }

    @Test
    void shouldDropWhatLiesAtOrAboveAnIndexThatIsWrittenAgain() {
        harness.appendMany(2);
        harness.write(5).join();
        harness.write(6).join();
        harness.raftLog.subList(2, 4).clear();
        harness.nextIndex = 2;
        harness.term = 2;
        long end = harness.log.endOffset();
        assertThat(end).isEqualTo(4);
        ByteBuffer batch = LogHarness.batch(7, 8, 9);
        RecordBatch.at(batch, 0).assign(2, 2);
        StoredEntry entry = new StoredEntry(2, 2, 9, 2, 5, batch.remaining(), Crc.of(batch), 9);
        harness.write(entry, batch).join();
        harness.log.commit(2, 5);
        assertThat(harness.readAll(100)).containsExactlyElementsOf(offsets(0, 5));
    }

    @Test
    void shouldStopAtAGap() {
        harness.appendMany(2);
        ByteBuffer batch = LogHarness.batch(7);
        StoredEntry entry = new StoredEntry(1, 2, 9, 3, 4, batch.remaining(), Crc.of(batch), 9);
        assertThat(harness.write(entry, batch)).isCompletedExceptionally();
        assertThat(harness.failure).isInstanceOf(Invariant.Violation.class);
        assertThat(harness.write(1)).isCompletedExceptionally();
    }

    @Test
    void shouldRefuseToCutWhatIsCommitted() {
        harness.appendMany(2);
        assertThatThrownBy(() -> harness.log.truncate(1)).isInstanceOf(Invariant.Violation.class);
        assertThat(harness.failures).isOne();
    }

    @Test
    void shouldRefuseAPayloadThatIsNotItsHeaders() {
        ByteBuffer batch = LogHarness.batch(7);
        StoredEntry entry = harness.entry(batch);
        batch.put(65, (byte) (batch.get(65) + 1));
        assertThat(harness.write(entry, batch)).isCompletedExceptionally();
    }

    // ---- failing disks

    @Test
    void shouldTakeNoMoreWritesAfterAFailedSyncAndNeverSyncAgain() throws Exception {
        harness.appendMany(2);
        harness.faulty.failForce(1);
        CompletableFuture<Void> failed = harness.write(harness.entry(LogHarness.batch(5)), LogHarness.batch(5));
        assertThat(failed).isCompletedExceptionally();
        assertThat(harness.failures).isOne();
        assertThat(harness.write(6)).isCompletedExceptionally();
        assertThat(harness.log.flush(10)).isCompletedExceptionally();
        assertThatThrownBy(harness.log::sync).isInstanceOf(IOException.class);
        harness.log.purged(1);
        assertThat(harness.faulty.forcesAfterFailure()).isZero();
        assertThat(harness.failures).isOne();
        assertThat(harness.readAll(100)).hasSize(2);
    }

    @Test
    void shouldStopWhereTheDiskIsFullAndReadOn() throws Exception {
        harness.appendMany(2);
        harness.faulty.limitBytes(harness.faulty.usedBytes() + 10);
        while (!harness.write(5, 6, 7).isCompletedExceptionally()) {
            harness.commit();
        }
        assertThat(harness.failure).hasMessageContaining("No space left");
        long end = harness.log.highWatermark();
        assertThat(harness.readAll(100)).containsExactlyElementsOf(offsets(0, end));
        harness.faulty.limitBytes(Long.MAX_VALUE);
        harness.nextIndex--;
        harness.restart();
        harness.appendMany(3);
        assertThat(harness.readAll(100)).containsExactlyElementsOf(offsets(0, end + 3));
    }

    // ---- trimming

    @Test
    void shouldDeleteFilesOnlyWhenCheckpointedAndPurged() throws Exception {
        harness.appendMany(100);
        int all = harness.logFiles().size();
        harness.log.trim(50);
        assertThat(harness.logFiles()).hasSize(all);
        harness.checkpoint();
        assertThat(harness.logFiles()).hasSize(all);
        harness.log.purged(30);
        int some = harness.logFiles().size();
        assertThat(some).isLessThan(all);
        assertThat(harness.log.payload(1, 30).remaining()).isPositive();
        harness.log.purged(100);
        assertThat(harness.logFiles().size()).isLessThan(some);
        assertThat(harness.readAll(100)).containsExactlyElementsOf(offsets(50, 100));
        harness.checkpoint();
        harness.restart();
        assertThat(harness.readAll(100)).containsExactlyElementsOf(offsets(50, 100));
        assertOutOfRange(49);
    }

    @Test
    void shouldBeginAnewWhereEverythingWasTrimmed() throws Exception {
        harness.appendMany(10);
        harness.log.trim(10);
        harness.checkpoint();
        harness.log.purged(100);
        assertThat(harness.logFiles()).isEmpty();
        harness.checkpoint();
        harness.restart();
        assertThat(harness.log.endOffset()).isEqualTo(10);
        harness.appendMany(3);
        assertThat(harness.readAll(100)).containsExactly(10L, 11L, 12L);
        harness.restart();
        assertThat(harness.readAll(100)).containsExactly(10L, 11L, 12L);
    }

    // ---- payloads

    @Test
    void shouldGiveBackThePayloadOfEveryEntry() throws Exception {
        harness.appendMany(150);
        harness.write(1, 2).join();
        for (StoredEntry entry : harness.raftLog) {
            ByteBuffer payload = harness.log.payload(entry.term(), entry.index());
            assertThat(Crc.of(payload)).isEqualTo(entry.crc());
        }
        assertThatThrownBy(() -> harness.log.payload(9, 5)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> harness.log.payload(1, 5000)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldReadAcrossGapsInOffsets() throws Exception {
        harness.appendMany(3);
        StagedLog staged = harness.log.stage(3);
        long[] bases = {10, 11, 500};
        for (int i = 0; i < bases.length; i++) {
            ByteBuffer batch = LogHarness.batch(50 + i);
            RecordBatch.at(batch, 0).assign(bases[i], 1);
            staged.append(
                    new StoredEntry(1, 3 + i, 1, bases[i], bases[i] + 1, batch.remaining(), Crc.of(batch), 50 + i),
                    batch);
        }
        staged.sync();
        harness.log.adopt(5, 0, 501);
        assertThat(harness.readAll(1)).containsExactly(0L, 1L, 2L, 10L, 11L, 500L);
        assertThat(harness.log.read(7, 1).nextOffset()).isEqualTo(11);
        assertThat(harness.log.read(100, 1).nextOffset()).isEqualTo(501);
    }

    // ---- many threads

    @Test
    void shouldServeReadersWhileItIsWrittenRolledAndTrimmed(@TempDir Path temp) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            LogHarness h = new LogHarness(new NioStorageFiles(), temp.resolve("log"));
            h.log.close();
            h.flusher = new DiskFlusher(threads);
            h.open();
            AtomicBoolean done = new AtomicBoolean();
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(threads.submit(() -> readUntil(h, done)));
            }
            for (int i = 0; i < 2000; i++) {
                h.write(new long[] {i}).join();
                h.commit();
                if (i % 100 == 99) {
                    h.log.trim(i - 80);
                    h.checkpoint();
                    h.log.purged(h.nextIndex - 50);
                }
            }
            done.set(true);
            for (Future<Long> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
            assertThat(h.failure).isNull();
            assertThat(h.damages).isEmpty();
            h.log.close();
        } finally {
            threads.shutdownNow();
        }
    }

    private static long readUntil(LogHarness h, AtomicBoolean done) {
        long read = 0;
        long offset = 0;
        while (!done.get() || offset < h.log.highWatermark()) {
            try {
                Slice slice = h.log.read(offset, 400);
                for (RecordBatch batch : RecordBatches.in(slice.batches())) {
                    for (Record record : batch.records()) {
                        if (record.offset() != record.timestampMs()) {
                            throw new AssertionError("offset " + record.offset() + " holds " + record.timestampMs());
                        }
                        read++;
                    }
                }
                offset = slice.nextOffset();
            } catch (BrokerException e) {
                if (e.code() != ErrorCode.OFFSET_OUT_OF_RANGE) {
                    throw e;
                }
                offset = h.log.startOffset();
            }
        }
        return read;
    }

    private void assertOutOfRange(long offset) {
        assertThatThrownBy(() -> harness.log.read(offset, 10))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE));
    }

    private static List<Long> offsets(long from, long end) {
        return LongStream.range(from, end).boxed().toList();
    }
}
