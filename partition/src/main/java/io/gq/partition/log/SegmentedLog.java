package io.gq.partition.log;

import io.gq.core.Invariant;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition's record batches on disk.
 *
 * <pre>
 *   log start           high watermark           log end
 *       |---- committed, readable ----|--- uncommitted ---|
 *   [segment][segment][segment ........................... room ]
 * </pre>
 *
 * <p>Written in log order by one caller at a time ({@link #write}, {@link #truncate}); committed, trimmed and checkpointed by another;
 * read by many. The first failed write or sync ends all writing: an fsync is never tried again.
 */
public final class SegmentedLog implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentedLog.class);

    private final Path directory;
    private final StorageFiles files;
    private final DiskFlusher flusher;
    private final WriteQueue queue;
    private final LogListener listener;
    private final LogReader reader = new LogReader(this);
    private final Runnable syncBehind = this::syncBehind;
    private volatile LogConfig config;

    private final Object lock = new Object();
    private final ArrayDeque<Uncommitted> uncommitted = new ArrayDeque<>();
    private final ArrayDeque<PendingWrite> pending = new ArrayDeque<>();
    private final Reclaimer reclaimer;
    private int nextGeneration;
    private long committedIndex;
    private long committedOffset;
    private long writtenOffset;
    private boolean closed;
    private @Nullable StagedLog staged;

    private volatile List<LogSegment> segments;
    private volatile long startOffset;
    private volatile long highWatermark;
    private volatile long endOffset;
    private volatile @Nullable Exception failure;

    SegmentedLog(
            Path directory,
            StorageFiles files,
            DiskFlusher flusher,
            LogListener listener,
            LogConfig config,
            LogRecovery.Recovered recovered) {
        this.directory = directory;
        this.files = files;
        this.flusher = flusher;
        this.queue = flusher.newQueue();
        this.listener = listener;
        this.config = config;
        this.segments = List.copyOf(recovered.segments());
        this.uncommitted.addAll(recovered.uncommitted());
        this.nextGeneration = recovered.nextGeneration();
        this.committedIndex = recovered.checkpoint().index();
        this.committedOffset = recovered.checkpoint().highWatermark();
        this.startOffset = recovered.checkpoint().startOffset();
        this.highWatermark = committedOffset;
        this.endOffset = recovered.endOffset();
        this.writtenOffset = endOffset;
        this.reclaimer = new Reclaimer(recovered.leftovers(), recovered.purgedIndex(), committedIndex, startOffset);
        if (!recovered.staged().isEmpty()) {
            stage(recovered.checkpoint().stagedFromOffset()).resume(recovered.staged());
        }
    }

    /**
     * Opens what the directory holds and makes it agree with the checkpoint and the Raft log.
     *
     * @param tail the entries with payload that the Raft log holds above the checkpoint, in order
     * @param purgedIndex the first index the Raft log still holds
     * @throws DamagedReplicaException where checkpoint or Raft log name payload that is not there whole
     */
    public static SegmentedLog open(
            Path directory,
            StorageFiles files,
            DiskFlusher flusher,
            LogListener listener,
            LogConfig config,
            LogCheckpoint checkpoint,
            List<StoredEntry> tail,
            long purgedIndex)
            throws IOException, DamagedReplicaException {
        LogRecovery.Recovered recovered =
                new LogRecovery(directory, files, config, checkpoint).recover(tail, purgedIndex);
        return new SegmentedLog(directory, files, flusher, listener, config, recovered);
    }

    /**
     * How many entries of the tail, counted from the first, are here with their payload whole. For a log that is not open; changes
     * nothing.
     *
     * @throws DamagedReplicaException where the checkpoint names payload that is not there whole
     */
    public static int held(
            Path directory, StorageFiles files, LogConfig config, LogCheckpoint checkpoint, List<StoredEntry> tail)
            throws IOException, DamagedReplicaException {
        return new LogRecovery(directory, files, config, checkpoint).held(tail);
    }

    // ---- writing

    /**
     * Stores the payload of an entry; what is stored at or after its index is dropped first. Does not block.
     *
     * <p>One that the Raft log holds too is not synced here before the next checkpoint: {@link #open} writes it again.
     *
     * @param payload not to be changed before the future completes
     * @return completes when the payload is durable, which takes a {@link #flush}; with a flusher that syncs behind, or where the Raft log
     *     holds it, when it is written
     */
    public CompletableFuture<Void> write(StoredEntry entry, ByteBuffer payload) {
        List<WriteQueue.Write> work = new ArrayList<>(2);
        PendingWrite write;
        try {
            synchronized (lock) {
                checkWritable();
                cut(entry.index());
                Invariant.check(
                        entry.baseOffset() == endOffset,
                        "%s: base offset %d (expected: the log end %d)",
                        entry,
                        entry.baseOffset(),
                        endOffset);
                Invariant.check(
                        entry.length() == payload.remaining() && entry.crc() == Crc.of(payload),
                        "%s: payload does not match its header",
                        entry);
                LogSegment segment = segmentFor(entry, work);
                long maxTimestampBefore = segment.maxTimestampMs();
                EntryRow row = segment.reserve(entry);
                uncommitted.addLast(new Uncommitted(segment, row, maxTimestampBefore));
                write = new PendingWrite(this, segment, row, payload, entry.logged() == null);
                pending.addLast(write);
                endOffset = entry.endOffset();
            }
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        } catch (Invariant.Violation e) {
            fence(e);
            return CompletableFuture.failedFuture(e);
        }
        work.add(write);
        work.forEach(queue::add);
        return write.durable();
    }

    /** Drops everything at or after the index. */
    public void truncate(long index) {
        try {
            synchronized (lock) {
                cut(index);
            }
        } catch (Invariant.Violation e) {
            fence(e);
            throw e;
        }
    }

    /** Writes and syncs in the calling thread; completes when everything up to the index is durable. */
    public CompletableFuture<Void> flush(long index) {
        queue.drain();
        return lastPending(write -> write.row().index() <= index);
    }

    private CompletableFuture<Void> lastPending(Predicate<PendingWrite> wanted) {
        synchronized (lock) {
            for (Iterator<PendingWrite> i = pending.descendingIterator(); i.hasNext(); ) {
                PendingWrite write = i.next();
                if (wanted.test(write)) {
                    return write.durable();
                }
            }
        }
        Exception cause = failure;
        return cause == null ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(cause);
    }

    private void cut(long index) {
        Invariant.check(
                index > committedIndex, "cut at index %d (expected: above the applied %d)", index, committedIndex);
        Uncommitted last = uncommitted.peekLast();
        if (last == null || last.row().index() < index) {
            return;
        }
        List<LogSegment> live = new ArrayList<>(segments);
        while (last != null && last.row().index() >= index) {
            uncommitted.removeLast();
            last.segment().cut(last.row(), last.maxTimestampBefore());
            reclaimer.leftovers().add(last.segment(), last.row().index());
            endOffset = last.row().baseOffset();
            last = uncommitted.peekLast();
        }
        live.removeIf(s -> s.reservedRows() == 0 && reclaimer.leftovers().in(s));
        segments = List.copyOf(live);
        pending.stream().filter(w -> w.row().index() >= index).forEach(PendingWrite::cut);
        writtenOffset = Math.min(writtenOffset, endOffset);
    }

    private LogSegment segmentFor(StoredEntry entry, List<WriteQueue.Write> work) {
        LogSegment last = lastSegment();
        if (last != null && !last.sealed() && !last.fullFor(entry, config)) {
            return last;
        }
        sealLast(work);
        LogSegment next = new LogSegment(new SegmentName(entry.baseOffset(), nextGeneration++), directory, files);
        append(next);
        return next;
    }

    private void append(LogSegment segment) {
        List<LogSegment> live = new ArrayList<>(segments);
        live.add(segment);
        segments = List.copyOf(live);
    }

    private void sealLast(List<WriteQueue.Write> work) {
        LogSegment last = lastSegment();
        if (last != null && !last.sealed()) {
            last.seal();
            long bytes = last.reservedBytes();
            work.add(new Maintenance("seal " + last, () -> last.trimFile(bytes)));
        }
    }

    private @Nullable LogSegment lastSegment() {
        return segments.isEmpty() ? null : segments.get(segments.size() - 1);
    }

    void checkWritable() throws IOException {
        Exception cause = failure;
        if (cause != null) {
            throw new IOException("log takes no more writes: " + cause.getMessage(), cause);
        }
    }

    /** The bytes are in the file, though not yet durable. */
    void written(PendingWrite write) {
        synchronized (lock) {
            if (!write.isCut()) {
                writtenOffset = write.row().endOffset();
            }
        }
        publish();
        flusher.syncSoon(syncBehind);
    }

    /** Syncs what was told before it was synced. */
    private void syncBehind() {
        try {
            syncLogs(segments);
        } catch (IOException e) {
            fence(e);
        }
    }

    private static void syncLogs(List<LogSegment> written) throws IOException {
        for (LogSegment segment : written) {
            segment.syncLog();
        }
    }

    /** @return why the write failed; null where it is durable */
    @Nullable
    Exception finished(PendingWrite write, @Nullable Exception cause) {
        if (cause != null) {
            fence(cause);
        }
        try {
            synchronized (lock) {
                PendingWrite first = pending.pollFirst();
                Invariant.check(first == write, "writes finished out of order: %s", write.row());
            }
        } catch (Invariant.Violation e) {
            fence(e);
        }
        return failure;
    }

    private void fence(Exception cause) {
        synchronized (lock) {
            if (failure != null) {
                return;
            }
            failure = cause;
            if (closed) {
                return;
            }
        }
        LOG.error("log stopped directory={}", directory, cause);
        listener.failed(cause);
    }

    // ---- committing

    /** Everything up to the index is committed, and with it the records below the offset. */
    public void commit(long index, long offset) {
        synchronized (lock) {
            Invariant.check(
                    offset >= committedOffset && offset <= endOffset,
                    "commit up to offset %d (expected: %d to the log end %d)",
                    offset,
                    committedOffset,
                    endOffset);
            while (!uncommitted.isEmpty() && uncommitted.peekFirst().row().index() <= index) {
                uncommitted.removeFirst();
            }
            committedIndex = index;
            committedOffset = offset;
        }
        publish();
    }

    private void publish() {
        long now;
        synchronized (lock) {
            now = Math.min(committedOffset, writtenOffset);
            if (now <= highWatermark) {
                return;
            }
            highWatermark = now;
        }
        listener.highWatermark(now);
    }

    /** Records below the offset are gone for readers; their files go when {@link #purged} and a checkpoint allow. */
    public void trim(long offset) {
        synchronized (lock) {
            startOffset = Math.max(startOffset, Math.min(offset, committedOffset));
        }
    }

    /** The Raft log holds nothing below the index any more. */
    public void purged(long index) {
        synchronized (lock) {
            reclaimer.purged(index);
        }
        reclaim();
    }

    // ---- checkpoint

    /** Makes everything up to the committed index durable, and says what that is. */
    public List<SegmentMark> sync() throws IOException {
        long index;
        synchronized (lock) {
            index = committedIndex;
        }
        queue.drain();
        try {
            lastPending(write -> write.row().index() <= index && !write.isCut()).join();
        } catch (CompletionException e) {
            throw new IOException("log: " + e.getCause().getMessage(), e.getCause());
        }
        checkWritable();
        List<LogSegment> covered = new ArrayList<>();
        List<SegmentMark> marks = new ArrayList<>();
        synchronized (lock) {
            for (LogSegment segment : segments) {
                SegmentMark mark = committedPart(segment);
                if (mark.rows() > 0) {
                    covered.add(segment);
                    marks.add(mark);
                }
            }
        }
        try {
            for (LogSegment segment : covered) {
                segment.syncIndex();
            }
            syncLogs(covered);
            if (flusher.syncsBehind()) {
                files.syncDirectory(directory);
            }
        } catch (IOException e) {
            fence(e);
            throw e;
        }
        checkWritable(); // a write that failed meanwhile
        return marks;
    }

    private SegmentMark committedPart(LogSegment segment) {
        int rows = segment.reservedRows();
        long bytes = segment.reservedBytes();
        long end = segment.endOffset();
        for (Iterator<Uncommitted> i = uncommitted.descendingIterator(); i.hasNext(); ) {
            Uncommitted u = i.next();
            if (u.segment() == segment) {
                rows--;
                bytes = u.row().position();
                end = u.row().baseOffset();
            }
        }
        return new SegmentMark(segment.name(), rows, bytes, end);
    }

    /** The checkpoint at the index is durable: what only the time before it needed may go. */
    public void checkpointed(long index, long startOffsetThen) {
        synchronized (lock) {
            reclaimer.checkpointed(index, startOffsetThen);
        }
        reclaim();
    }

    private void reclaim() {
        synchronized (lock) {
            if (closed || !reclaimer.plan()) {
                return;
            }
        }
        queue.add(new Maintenance("reclaim " + directory, this::reclaimNow));
        queue.drainSoon();
    }

    private void reclaimNow() throws IOException {
        Maintenance.Work work;
        synchronized (lock) {
            if (closed || failure != null) {
                return;
            }
            List<LogSegment> live = new ArrayList<>(segments);
            work = reclaimer.take(live);
            segments = List.copyOf(live);
        }
        work.run();
    }

    // ---- replacing by a snapshot

    /** What a snapshot that is not complete has copied so far. */
    public Optional<StagedLog> staged() {
        synchronized (lock) {
            return Optional.ofNullable(staged);
        }
    }

    /** A new place beside the log for entries copied from a peer. */
    public StagedLog stage(long fromOffset) {
        synchronized (lock) {
            staged = new StagedLog(fromOffset, this::newSegment, config);
            return staged;
        }
    }

    /** Deletes what a snapshot copied. */
    public void unstage() throws IOException {
        StagedLog gone;
        synchronized (lock) {
            gone = staged;
            staged = null;
        }
        if (gone != null) {
            gone.discard();
        }
    }

    private LogSegment newSegment(long baseOffset) {
        synchronized (lock) {
            return new LogSegment(new SegmentName(baseOffset, nextGeneration++), directory, files);
        }
    }

    /**
     * Continues with what was staged in place of everything above the high watermark; or of everything, where the copy begins
     * elsewhere. The staged entries are durable and committed up to the index.
     */
    public void adopt(long index, long newStartOffset, long newHighWatermark) {
        List<WriteQueue.Write> work = new ArrayList<>();
        synchronized (lock) {
            StagedLog copy = Objects.requireNonNull(staged, "staged");
            staged = null;
            cut(committedIndex + 1);
            List<LogSegment> live = new ArrayList<>(segments);
            if (copy.fromOffset() != committedOffset) {
                live.forEach(s -> reclaimer.leftovers().add(s, index));
                live.forEach(LogSegment::abandon);
                live.clear();
            } else {
                sealLast(work);
            }
            copy.seal();
            live.addAll(copy.segments());
            startOffset = Math.max(startOffset, newStartOffset);
            segments = List.copyOf(live);
            endOffset = newHighWatermark;
            writtenOffset = newHighWatermark;
            committedOffset = newHighWatermark;
            committedIndex = index;
        }
        work.forEach(queue::add);
        publish();
    }

    // ---- reading

    /**
     * Whole batches from the one that contains the offset on, up to the high watermark; at least one where there is one.
     *
     * @param bytesMax beyond the first batch
     * @throws io.gq.core.BrokerException OFFSET_OUT_OF_RANGE below the log start or above the log end
     */
    public Slice read(long offset, int bytesMax) {
        return reader.read(offset, bytesMax);
    }

    /** The first committed record whose timestamp is at least {@code timestampMs}. */
    public Optional<TimestampOffset> find(long timestampMs) {
        return reader.find(timestampMs);
    }

    LogReader reader() {
        return reader;
    }

    /** Calls back with every committed batch that begins at or after the log start, whole, in order, its CRC checked. */
    public void visit(Consumer<ByteBuffer> visitor) {
        reader.visit(visitor);
    }

    /** The payload of a stored entry, checked against its checksum. */
    public ByteBuffer payload(long term, long index) throws IOException {
        synchronized (lock) {
            for (Iterator<PendingWrite> i = pending.descendingIterator(); i.hasNext(); ) {
                PendingWrite write = i.next();
                if (write.row().index() == index && write.row().term() == term) {
                    return write.payload();
                }
            }
        }
        return reader.payload(term, index);
    }

    void damaged(String what) {
        LOG.error("log damaged directory={} what=\"{}\"", directory, what);
        listener.damaged(what);
    }

    // ---- numbers

    /** The first offset a reader may ask for. */
    public long startOffset() {
        return startOffset;
    }

    /** The offset after the last committed record. */
    public long highWatermark() {
        return highWatermark;
    }

    /** The offset after the last record, committed or not. */
    public long endOffset() {
        return endOffset;
    }

    /** Bytes of record batches in the log's segments. */
    public long bytes() {
        synchronized (lock) {
            return segments.stream().mapToLong(LogSegment::reservedBytes).sum();
        }
    }

    /** The log's segments, oldest first. */
    public List<SegmentInfo> infos() {
        synchronized (lock) {
            return segments.stream().map(LogSegment::info).toList();
        }
    }

    List<LogSegment> segments() {
        return segments;
    }

    LogConfig config() {
        return config;
    }

    /** Takes effect with the next write or read. */
    public void reconfigure(LogConfig newConfig) {
        config = newConfig;
    }

    @Override
    public void close() throws IOException {
        List<LogSegment> all = new ArrayList<>();
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            if (failure == null) {
                failure = new IOException("log closed");
            }
            all.addAll(segments);
            reclaimer.leftovers().segments().stream()
                    .filter(s -> !all.contains(s))
                    .forEach(all::add);
            if (staged != null) {
                all.addAll(staged.segments());
            }
        }
        queue.drain(); // tells what waits that it is too late
        IOException first = null;
        for (LogSegment segment : all) {
            try {
                segment.close();
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
