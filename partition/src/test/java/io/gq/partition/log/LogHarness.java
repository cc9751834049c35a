package io.gq.partition.log;

import io.gq.core.io.StorageFiles;
import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.core.record.RecordBatches;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.testing.FaultyFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A log, what its Raft log would name, and its last checkpoint. Disk work is done at once, in the caller's thread. */
final class LogHarness implements LogListener {

    static final Path DIRECTORY = Path.of("/data/log");
    static final LogConfig CONFIG = new LogConfig(1000, 1_000_000, 512, 1 << 20, true);

    final FaultyFiles faulty;
    final StorageFiles files;
    final Path directory;
    final List<String> damages = new ArrayList<>();
    final List<StoredEntry> raftLog = new ArrayList<>();
    LogConfig config = CONFIG;
    LogCheckpoint checkpoint = LogCheckpoint.NONE;
    DiskFlusher flusher = new DiskFlusher(Runnable::run);
    SegmentedLog log;

    @Nullable
    Exception failure;

    int failures;
    long seenHighWatermark;
    long term = 1;
    long nextIndex;

    /** The Raft log holds the payload of what is written, too. */
    boolean inline;

    LogHarness() throws Exception {
        this(null, DIRECTORY);
    }

    LogHarness(long seed) throws Exception {
        this.faulty = new FaultyFiles(seed);
        this.files = faulty;
        this.directory = DIRECTORY;
        open();
    }

    LogHarness(@Nullable StorageFiles files, Path directory) throws Exception {
        this.faulty = new FaultyFiles(1);
        this.files = files == null ? faulty : files;
        this.directory = directory;
        open();
    }

    void open() throws IOException, DamagedReplicaException {
        List<StoredEntry> tail =
                raftLog.stream().filter(e -> e.index() > checkpoint.index()).toList();
        log = SegmentedLog.open(directory, files, flusher, this, config, checkpoint, tail, 0);
        if (!raftLog.isEmpty()) {
            commit();
        }
    }

    /** The process ends and comes back. */
    void restart() throws Exception {
        log.close();
        open();
    }

    void powerLoss() throws Exception {
        faulty.crash();
        open();
    }

    /** One entry of one batch with these timestamps, written and in the Raft log, not committed. */
    CompletableFuture<Void> write(long... timestamps) {
        return write(batch(timestamps));
    }

    CompletableFuture<Void> write(ByteBuffer... batches) {
        StoredEntry entry = entry(batches);
        CompletableFuture<Void> durable = write(entry, join(batches));
        if (!durable.isCompletedExceptionally()) {
            raftLog.add(entry);
        }
        return durable;
    }

    /** Written to disk, but not in the Raft log when the process ends. */
    void writeUnnamed(long... timestamps) {
        ByteBuffer batch = batch(timestamps);
        CompletableFuture<Void> unused = write(entry(batch), batch);
    }

    /** Written and flushed, as the Raft log's thread does. */
    CompletableFuture<Void> write(StoredEntry entry, ByteBuffer payload) {
        CompletableFuture<Void> durable = log.write(entry, payload);
        CompletableFuture<Void> unused = log.flush(entry.index());
        return durable;
    }

    void commit() {
        StoredEntry last = raftLog.get(raftLog.size() - 1);
        log.commit(last.index(), last.endOffset());
    }

    void append(long... timestamps) {
        write(timestamps).join();
        commit();
    }

    void appendMany(int entries) {
        for (int i = 0; i < entries; i++) {
            append(new long[] {1000 + log.endOffset()});
        }
    }

    void truncate(long index) {
        log.truncate(index);
        raftLog.removeIf(e -> e.index() >= index);
        nextIndex = index;
        term++;
    }

    void checkpoint() throws IOException {
        List<SegmentMark> marks = log.sync();
        long index = raftLog.isEmpty() ? -1 : raftLog.get(raftLog.size() - 1).index();
        checkpoint = new LogCheckpoint(index, log.startOffset(), log.highWatermark(), marks, List.of(), 0);
        log.checkpointed(index, log.startOffset());
    }

    StoredEntry entry(ByteBuffer... batches) {
        long offset = log.endOffset();
        long maxTimestamp = Long.MIN_VALUE;
        int bytes = 0;
        for (ByteBuffer batch : batches) {
            RecordBatch header = RecordBatch.at(batch, 0);
            header.assign(offset, (int) term);
            offset = header.nextOffset();
            maxTimestamp = Math.max(maxTimestamp, header.maxTimestamp());
            bytes += batch.remaining();
        }
        ByteBuffer payload = join(batches);
        int crc = Crc.of(payload);
        long base = log.endOffset();
        ByteBuffer logged = inline ? payload : null;
        return new StoredEntry(term, nextIndex++, maxTimestamp, base, offset, bytes, crc, maxTimestamp, logged);
    }

    static ByteBuffer join(ByteBuffer... batches) {
        ByteBuffer all = ByteBuffer.allocate(10_000);
        for (ByteBuffer batch : batches) {
            all.put(batch.duplicate());
        }
        return all.flip();
    }

    static ByteBuffer batch(long... timestamps) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 100);
        for (long timestamp : timestamps) {
            builder.append(
                    timestamp, null, ByteBuffer.wrap(("t" + timestamp).getBytes(StandardCharsets.UTF_8)), List.of());
        }
        return builder.build();
    }

    /** Offsets of all committed records that can be read, going on where each read says. */
    List<Long> readAll(int bytesMax) {
        List<Long> offsets = new ArrayList<>();
        long offset = log.startOffset();
        while (offset < log.highWatermark()) {
            Slice slice = log.read(offset, bytesMax);
            for (RecordBatch batch : RecordBatches.in(slice.batches())) {
                batch.records().forEach(r -> offsets.add(r.offset()));
            }
            if (slice.nextOffset() <= offset) {
                throw new AssertionError("read at " + offset + " does not move on");
            }
            offset = slice.nextOffset();
        }
        return offsets;
    }

    List<Path> logFiles() throws IOException {
        return files.list(directory).stream()
                .filter(p -> p.toString().endsWith(".log"))
                .map(directory::resolve)
                .toList();
    }

    @Override
    public void highWatermark(long offset) {
        seenHighWatermark = Math.max(seenHighWatermark, offset);
    }

    @Override
    public void failed(Exception cause) {
        failure = cause;
        failures++;
    }

    @Override
    public void damaged(String what) {
        damages.add(what);
    }
}
