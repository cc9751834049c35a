package io.gq.partition.log;

import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The committed entries of a log from an offset on, oldest first, each payload checked as it is read. One thread. */
public final class CommittedEntries {

    private final SegmentedLog log;
    private final List<LogSegment> segments;
    private final long fromOffset;
    private final long endOffset;
    private int segment;
    private int row = -1;

    /** @param endOffset a high watermark: entries from it on are left out */
    public CommittedEntries(SegmentedLog log, long fromOffset, long endOffset) {
        this.log = log;
        this.segments = log.segments();
        this.fromOffset = Math.max(fromOffset, log.startOffset());
        this.endOffset = endOffset;
    }

    /** An entry and its payload. */
    public record Stored(StoredEntry entry, ByteBuffer payload) {}

    /** The next entry; null at the end. */
    public @Nullable Stored next() throws IOException {
        for (; segment < segments.size(); segment++, row = -1) {
            LogSegment from = segments.get(segment);
            int rows = from.rows();
            if (row < 0) {
                row = rows == 0 ? 0 : from.index().firstEndingAfter(fromOffset, rows);
            }
            if (row < rows) {
                EntryRow found = row(from, row++);
                return found.baseOffset() >= endOffset
                        ? null
                        : stored(found, log.reader().payload(from, found));
            }
        }
        return null;
    }

    private EntryRow row(LogSegment segment, int number) throws IOException {
        try {
            return segment.index().row(number);
        } catch (DamagedLogException e) {
            log.damaged(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private static Stored stored(EntryRow row, ByteBuffer payload) {
        long maxTimestampMs = Long.MIN_VALUE;
        for (RecordBatch batch : RecordBatches.in(payload)) {
            maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestamp());
        }
        StoredEntry entry = new StoredEntry(
                row.term(),
                row.index(),
                maxTimestampMs,
                row.baseOffset(),
                row.endOffset(),
                row.length(),
                row.payloadCrc(),
                maxTimestampMs);
        return new Stored(entry, payload);
    }
}
