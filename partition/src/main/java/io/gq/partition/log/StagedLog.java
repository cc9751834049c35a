package io.gq.partition.log;

import io.gq.core.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Entries copied from a peer, in segments of their own beside the log, until the copy is complete and the log adopts them. One thread.
 */
public final class StagedLog {

    private final long fromOffset;
    private final LongFunction<LogSegment> newSegment;
    private final LogConfig config;
    private final List<LogSegment> segments = new ArrayList<>();
    private WriteQueue.Syncs unsynced = new WriteQueue.Syncs();
    private long endOffset;
    private boolean failed;

    StagedLog(long fromOffset, LongFunction<LogSegment> newSegment, LogConfig config) {
        this.fromOffset = fromOffset;
        this.newSegment = newSegment;
        this.config = config;
        this.endOffset = fromOffset;
    }

    /** Takes up what an earlier attempt left. */
    void resume(List<LogSegment> found) {
        found.forEach(LogSegment::seal);
        segments.addAll(found);
        endOffset = found.get(found.size() - 1).endOffset();
    }

    /** The offset the copy begins at. */
    public long fromOffset() {
        return fromOffset;
    }

    /** The offset after the last record copied. */
    public long endOffset() {
        return endOffset;
    }

    public boolean isEmpty() {
        return segments.isEmpty();
    }

    /**
     * Adds the next entry. Not durable before {@link #sync}.
     *
     * @throws IOException also where an earlier write or sync failed: what it left in the file belongs to no entry
     */
    public void append(StoredEntry entry, ByteBuffer payload) throws IOException {
        checkWritable();
        Invariant.check(
                segments.isEmpty() || entry.baseOffset() >= endOffset,
                "%s copied (expected: at or after offset %d)",
                entry,
                endOffset);
        LogSegment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        if (last == null || last.sealed() || last.fullFor(entry, config)) {
            if (last != null) {
                last.seal();
            }
            last = newSegment.apply(entry.baseOffset());
            segments.add(last);
        }
        EntryRow row = last.reserve(entry);
        try {
            last.store(row, payload, true, 0, unsynced);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
        endOffset = entry.endOffset();
    }

    /** A write or sync failed: nothing is added or synced any more; recovery goes on from what was synced last. */
    public boolean failed() {
        return failed;
    }

    private void checkWritable() throws IOException {
        if (failed) {
            throw new IOException("copy takes no more writes: an earlier one failed");
        }
    }

    /** Makes what was added durable, and says what there is. */
    public List<SegmentMark> sync() throws IOException {
        checkWritable();
        List<SegmentMark> marks = new ArrayList<>();
        try {
            unsynced.syncNow();
            unsynced = new WriteQueue.Syncs();
            for (LogSegment segment : segments) {
                segment.syncIndex();
            }
        } catch (IOException e) {
            failed = true;
            throw e;
        }
        for (LogSegment segment : segments) {
            marks.add(new SegmentMark(
                    segment.name(), segment.reservedRows(), segment.reservedBytes(), segment.endOffset()));
        }
        return marks;
    }

    List<LogSegment> segments() {
        return segments;
    }

    /** The last segment takes no more. */
    void seal() {
        if (!segments.isEmpty()) {
            segments.get(segments.size() - 1).seal();
        }
    }

    /** Deletes what was copied. */
    public void discard() throws IOException {
        for (LogSegment segment : segments) {
            segment.delete();
        }
        segments.clear();
        endOffset = fromOffset;
    }
}
