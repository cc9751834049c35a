package io.gq.partition.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Goes once through the committed entries of a log, a stretch at a time, and reads them from the disk to see whether they are still what
 * was written. The log goes on meanwhile: what is trimmed, rolled or replaced underneath is passed over. One thread.
 */
public final class LogScrub implements Closeable {

    private final SegmentedLog log;
    private final Visitor visitor;
    private long nextOffset;
    private long segmentEnd;
    private @Nullable LogSegment segment;
    private @Nullable SegmentCheck check;

    /** Sees what was found whole. */
    public interface Visitor {
        Visitor NONE = (baseOffset, endOffset, payload) -> {};

        /** @param payload of the entry with the records in [baseOffset, endOffset) */
        void entry(long baseOffset, long endOffset, ByteBuffer payload);
    }

    /**
     * Something that is not as it was written.
     *
     * @param rebuild another replica's copy is the cure; where false the entry is what the whole group agreed on, and is as wrong there
     */
    public record Damage(String what, boolean rebuild) {}

    /**
     * What a stretch came to.
     *
     * @param bytes read
     * @param nextOffset everything committed below it has been looked at
     * @param atEnd nothing committed is left to be read
     * @param damage found at the end of the stretch; going on leads past it
     */
    public record Step(
            long bytes,
            long nextOffset,
            boolean atEnd,
            @Nullable Damage damage) {}

    public LogScrub(SegmentedLog log, Visitor visitor) {
        this.log = log;
        this.visitor = visitor;
        this.nextOffset = log.startOffset();
    }

    /**
     * Reads on, up to the first entry that exceeds the limit or the first damage.
     *
     * @throws IOException where the log is closed or takes no more writes, or files could not be opened: nothing is known then
     */
    public Step step(int bytesMax) throws IOException {
        log.checkWritable();
        long end = log.highWatermark(); // before the segments: they are at least as new then
        long bytes = 0;
        while (bytes < bytesMax) {
            nextOffset = Math.max(nextOffset, log.startOffset());
            SegmentCheck open = nextOffset < end ? open(end) : null;
            if (open == null) {
                return new Step(bytes, nextOffset, true, null);
            }
            Found found = next(open);
            bytes += found.bytes;
            if (found.damage != null) {
                return new Step(bytes, nextOffset, false, found.damage);
            }
        }
        return new Step(bytes, nextOffset, false, null);
    }

    /** The segment that holds the next entry; null where there is none. */
    private @Nullable SegmentCheck open(long end) throws IOException {
        while (check == null || nextOffset >= segmentEnd) {
            close();
            SegmentInfo info = log.infos().stream()
                    .filter(i -> i.endOffset() > nextOffset)
                    .findFirst()
                    .orElse(null);
            if (info == null) {
                return null;
            }
            segmentEnd = Math.min(info.endOffset(), end); // what is not committed may be cut, and written elsewhere
            for (LogSegment found : log.segments()) {
                if (found.name().baseOffset() == info.baseOffset()) {
                    open(found);
                }
            }
            if (check == null && log.infos().contains(info)) {
                throw new IOException("segment at " + info.baseOffset() + " could not be opened");
            }
        }
        return check;
    }

    private void open(LogSegment found) throws IOException {
        try {
            check = found.check();
            segment = found;
        } catch (IOException e) {
            log.checkWritable();
            if (log.segments().contains(found)) {
                throw e;
            }
            // else it was deleted just now
        }
    }

    private record Found(long bytes, @Nullable Damage damage) {}

    private Found next(SegmentCheck open) throws IOException {
        EntryRow row;
        ByteBuffer payload;
        try {
            row = open.row();
            if (row == null) {
                String what = "row " + open.number() + " of the index: checksum or place is wrong";
                return damaged(segmentEnd, EntryRow.BYTES, what);
            }
            if (row.endOffset() <= nextOffset) {
                open.passed(row);
                return new Found(EntryRow.BYTES, null);
            }
            payload = open.payload(row);
        } catch (IOException e) {
            return damaged(segmentEnd, EntryRow.BYTES, "cannot be read: " + e.getMessage());
        }
        long bytes = EntryRow.BYTES + (long) row.length();
        open.passed(row);
        if (payload == null) {
            String what = "payload of entry " + row.index() + " at " + row.position() + ": checksum is wrong";
            return damaged(row.endOffset(), bytes, what);
        }
        nextOffset = row.endOffset();
        String wrong = SegmentCheck.contradiction(row, payload);
        if (wrong != null) {
            return new Found(bytes, new Damage("segment " + open + ": entry " + row.index() + ": " + wrong, false));
        }
        visitor.entry(row.baseOffset(), row.endOffset(), payload);
        return new Found(bytes, null);
    }

    /** Damage counts only in what is still part of an open log. */
    private Found damaged(long goOnAt, long bytes, String what) throws IOException {
        log.checkWritable();
        boolean counts = log.segments().contains(segment) && goOnAt > log.startOffset();
        nextOffset = goOnAt;
        return new Found(bytes, counts ? new Damage("segment " + segment + ": " + what, true) : null);
    }

    @Override
    public void close() throws IOException {
        SegmentCheck open = check;
        check = null;
        segment = null;
        if (open != null) {
            open.close();
        }
    }
}
