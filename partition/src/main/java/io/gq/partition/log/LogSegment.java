package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One segment: a file of record batches and its entry index. Room is reserved by the log, in log order, before the bytes are written
 * by the disk's flusher; readers see what is written. Entries cut from the end are never written over: their bytes stay until the
 * log gives them up, and the segment takes no more.
 *
 * <pre>
 *   (reserved) --first store--> OPEN --seal--> SEALED --delete--> (gone)
 * </pre>
 */
final class LogSegment {

    /** A file that grows has its size synced too; for a large entry that costs less than to write all its bytes twice. */
    private static final int PREALLOCATE_BELOW_BYTES = 32 << 10;

    private static final int PREALLOCATE_FIRST_BYTES = 64 << 10;

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(64 << 10).asReadOnlyBuffer();

    private final SegmentName name;
    private final Path directory;
    private final StorageFiles files;

    // The log's side, under its lock.
    private int reservedRows;
    private long reservedBytes;
    private long endOffset;
    private long lastIndex = -1;
    private long maxTimestampMs = Long.MIN_VALUE;
    private long firstEntryMs = Long.MIN_VALUE;
    private boolean sealed;

    // Readers' side.
    private volatile long liveBytes = Long.MAX_VALUE;
    private volatile int liveRows = Integer.MAX_VALUE;
    private volatile long writtenBytes;
    private volatile @Nullable Stored stored;

    // The writer's side.
    private long allocatedBytes;
    private int syncedRows;

    // Syncing behind the writes.
    private final Object syncing = new Object();
    private long syncedBytes;
    private boolean closed;

    LogSegment(SegmentName name, Path directory, StorageFiles files) {
        this.name = name;
        this.directory = directory;
        this.files = files;
        this.endOffset = name.baseOffset();
    }

    SegmentName name() {
        return name;
    }

    // ---- the log's side

    /** Takes the next row and the room for its payload. */
    EntryRow reserve(StoredEntry entry) {
        if (reservedRows == 0) {
            firstEntryMs = entry.timestampMs();
        } else if (firstEntryMs == Long.MIN_VALUE) {
            firstEntryMs = entry.timestampMs(); // opened anew: age counts from here
        }
        maxTimestampMs = Math.max(maxTimestampMs, entry.maxTimestampMs());
        EntryRow row = new EntryRow(
                name.generation(),
                entry.length(),
                entry.index(),
                entry.term(),
                reservedBytes,
                entry.baseOffset(),
                entry.endOffset(),
                maxTimestampMs,
                entry.crc());
        claim(row);
        return row;
    }

    /** The row, found on disk, is the next one. */
    void claim(EntryRow row) {
        reservedRows++;
        reservedBytes = row.endPosition();
        endOffset = row.endOffset();
        lastIndex = row.index();
        maxTimestampMs = Math.max(maxTimestampMs, row.maxTimestampMs());
    }

    /** Gives up the last row; from here on the segment takes no more. */
    void cut(EntryRow last, long maxTimestampMsBefore) {
        sealed = true;
        reservedRows--;
        reservedBytes = last.position();
        endOffset = last.baseOffset();
        lastIndex = last.index() - 1;
        maxTimestampMs = maxTimestampMsBefore;
        liveRows = reservedRows;
        liveBytes = reservedBytes;
    }

    void seal() {
        sealed = true;
    }

    /** Gives up everything. */
    void abandon() {
        sealed = true;
        reservedRows = 0;
        reservedBytes = 0;
        liveRows = 0;
        liveBytes = 0;
    }

    boolean sealed() {
        return sealed;
    }

    int reservedRows() {
        return reservedRows;
    }

    long reservedBytes() {
        return reservedBytes;
    }

    long endOffset() {
        return endOffset;
    }

    /** The Raft index of the last entry, or a greater one below the next segment's. */
    long lastIndex() {
        return lastIndex;
    }

    long maxTimestampMs() {
        return maxTimestampMs;
    }

    /** True where the entry must go to a new segment. */
    boolean fullFor(StoredEntry entry, LogConfig config) {
        return reservedRows > 0
                && (reservedBytes + entry.length() > config.segmentBytes()
                        || (firstEntryMs != Long.MIN_VALUE
                                && entry.timestampMs() - firstEntryMs >= config.segmentMs()));
    }

    SegmentInfo info() {
        return new SegmentInfo(name.baseOffset(), endOffset, reservedBytes, maxTimestampMs, !sealed);
    }

    // ---- the writer's side

    /**
     * Writes payload and row where room was reserved, making the files first. Rows come in the order they were reserved.
     *
     * @param synced the payload is to be synced with this write; else {@link #syncLog} does it some time
     */
    void store(EntryRow row, ByteBuffer payload, boolean synced, int preallocateBytesMax, WriteQueue.Syncs syncs)
            throws IOException {
        Stored to = stored;
        if (to == null) {
            to = create();
            syncs.directory(files, directory);
        }
        if (payload.remaining() < PREALLOCATE_BELOW_BYTES) {
            preallocate(to.log, row.endPosition(), preallocateBytesMax);
        }
        to.log.write(payload, row.position());
        allocatedBytes = Math.max(allocatedBytes, row.endPosition());
        writtenBytes = row.endPosition(); // before the row, so that readers who see the row see its bytes
        to.index.add(row);
        if (synced) {
            syncs.file(to.log);
        }
    }

    private Stored create() throws IOException {
        Stored made = openFiles();
        made.index.writeHeader();
        stored = made;
        return made;
    }

    /** Zeros as many as the file holds, within bounds: a thousand partitions that begin at the same moment write little to the disk. */
    private void preallocate(StorageFile log, long end, int bytesMax) throws IOException {
        if (bytesMax == 0 || end <= allocatedBytes) {
            return;
        }
        long step = Math.min(bytesMax, Math.max(PREALLOCATE_FIRST_BYTES, Long.highestOneBit(end)));
        long target = (end + step - 1) / step * step;
        for (long at = end; at < target; ) {
            ByteBuffer zeros = ZEROS.duplicate();
            zeros.limit((int) Math.min(zeros.capacity(), target - at));
            at += zeros.remaining();
            log.write(zeros, at - zeros.limit());
        }
        allocatedBytes = target;
    }

    /** Makes the batches written so far durable, where that did not happen when they were written. Any thread; nothing where closed. */
    void syncLog() throws IOException {
        Stored from = stored;
        if (from == null) {
            return;
        }
        synchronized (syncing) {
            long bytes = writtenBytes;
            if (!closed && bytes > syncedBytes) {
                from.log.force();
                syncedBytes = bytes;
            }
        }
    }

    /** Makes the rows written so far durable. */
    void syncIndex() throws IOException {
        Stored from = stored;
        if (from != null) {
            int rows = from.index.rows();
            if (rows > syncedRows) {
                from.index.file().force();
                syncedRows = rows;
            }
        }
    }

    /** Cuts the file of batches to {@code bytes}: what lies behind is preallocated or given up. */
    void trimFile(long bytes) throws IOException {
        Stored from = stored;
        if (from != null && from.log.size() > bytes) {
            from.log.truncate(bytes);
            allocatedBytes = bytes;
        }
    }

    void trimIndex(int rows) throws IOException {
        Stored from = stored;
        if (from != null) {
            from.index.file().truncate(EntryIndex.HEADER_BYTES + (long) rows * EntryRow.BYTES);
        }
    }

    void close() throws IOException {
        synchronized (syncing) {
            closed = true;
        }
        Stored from = stored;
        if (from != null) {
            try {
                from.log.close();
            } finally {
                from.index.file().close();
            }
        }
    }

    void delete() throws IOException {
        close();
        files.delete(name.logFile(directory));
        files.delete(name.indexFile(directory));
    }

    // ---- recovery

    /** Opens the files of a segment found on disk; false where the index has no valid header. */
    boolean openExisting() throws IOException {
        Stored found = openFiles();
        allocatedBytes = found.log.size();
        stored = found;
        return found.index.hasHeader();
    }

    /** The claimed row lies within a checkpoint, and so does its payload. */
    void checkpointed(EntryRow row) throws IOException {
        stored().index.note(row);
        writtenBytes = row.endPosition();
        synchronized (syncing) {
            syncedBytes = writtenBytes;
        }
    }

    /** The claimed row's payload comes from the Raft log; both are written anew. */
    void restored(EntryRow row, ByteBuffer payload) throws IOException {
        stored().log.write(payload, row.position());
        allocatedBytes = Math.max(allocatedBytes, row.endPosition());
        recovered(row);
    }

    /** The claimed row's payload was found on disk; the row is written anew. */
    void recovered(EntryRow row) throws IOException {
        stored().index.add(row);
        writtenBytes = row.endPosition();
    }

    private Stored openFiles() throws IOException {
        StorageFile log = new SyncedFile(files.open(name.logFile(directory)));
        try {
            return new Stored(log, new EntryIndex(files.open(name.indexFile(directory)), name));
        } catch (IOException e) {
            log.close();
            throw e;
        }
    }

    // ---- readers' side

    /** Its entries read from the disk, through file handles of their own. */
    SegmentCheck check() throws IOException {
        return SegmentCheck.open(name, directory, files);
    }

    /** Rows that are written and not cut. */
    int rows() {
        Stored from = stored;
        return from == null ? 0 : Math.min(liveRows, from.index.rows());
    }

    /** Where what is written and not cut ends. */
    long bytes() {
        return Math.min(liveBytes, writtenBytes);
    }

    EntryIndex index() throws IOException {
        return stored().index;
    }

    StorageFile file() throws IOException {
        return stored().log;
    }

    private Stored stored() throws IOException {
        Stored from = stored;
        if (from == null) {
            throw new IOException("segment " + name + ": nothing written yet");
        }
        return from;
    }

    @Override
    public String toString() {
        return name.toString();
    }

    private record Stored(StorageFile log, EntryIndex index) {}
}
