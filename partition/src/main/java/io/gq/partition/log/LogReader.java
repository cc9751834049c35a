package io.gq.partition.log;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.io.StorageFile;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads what is committed, while the log is written, rolled and trimmed. Safe for use by many threads. */
final class LogReader {

    private final SegmentedLog log;

    LogReader(SegmentedLog log) {
        this.log = log;
    }

    /** @throws BrokerException OFFSET_OUT_OF_RANGE below the log start or above the log end; STORAGE_ERROR, REPLICA_DAMAGED */
    Slice read(long offset, int bytesMax) {
        long highWatermark = log.highWatermark(); // before the segments: they are at least as new then
        try {
            checkRange(offset);
            Slice slice = offset >= highWatermark ? null : readCommitted(offset, bytesMax, highWatermark);
            checkRange(offset);
            return slice == null ? new Slice(ByteBuffer.allocate(0), offset, highWatermark, log.startOffset()) : slice;
        } catch (IOException e) {
            throw failed(offset, e);
        }
    }

    private @Nullable Slice readCommitted(long offset, int bytesMax, long highWatermark) throws IOException {
        List<LogSegment> segments = log.segments();
        for (int i = floor(segments, offset); i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            int rows = segment.rows();
            long end = segment.bytes();
            int number = rows == 0 ? 0 : segment.index().firstEndingAfter(offset, rows);
            if (number == rows) {
                continue;
            }
            EntryRow row = segment.index().row(number);
            if (row.baseOffset() >= highWatermark) {
                return null;
            }
            BatchCursor cursor = new BatchCursor(segment, row.position(), end);
            while (cursor.header().nextOffset() <= offset) {
                cursor.advance();
            }
            return slice(segment, cursor, bytesMax, highWatermark, end);
        }
        return null;
    }

    private Slice slice(LogSegment segment, BatchCursor cursor, int bytesMax, long highWatermark, long end)
            throws IOException {
        long from = cursor.position();
        int room = (int) Math.min(end - from, Math.max(bytesMax, cursor.header().sizeInBytes()));
        ByteBuffer bytes = ByteBuffer.allocate(room);
        StorageFile file = segment.file();
        file.read(bytes, from);
        bytes.flip();
        int at = 0;
        long next = cursor.header().baseOffset();
        while (bytes.limit() - at >= RecordBatch.HEADER_BYTES) {
            RecordBatch batch = RecordBatch.at(bytes, at);
            BatchCursor.checkFrame(segment, batch, from + at, end);
            if (batch.baseOffset() >= highWatermark || batch.sizeInBytes() > bytes.limit() - at) {
                break;
            }
            if (log.config().checkCrcOnRead() && batch.computeCrc() != batch.crc()) {
                throw BatchCursor.damaged(segment, from + at, "checksum is wrong");
            }
            at += batch.sizeInBytes();
            next = batch.nextOffset();
        }
        return new Slice(bytes.limit(at).asReadOnlyBuffer(), next, highWatermark, log.startOffset());
    }

    /** The first committed record at or after the log start whose timestamp is at least {@code timestampMs}. */
    Optional<TimestampOffset> find(long timestampMs) {
        long highWatermark = log.highWatermark();
        try {
            for (LogSegment segment : log.segments()) {
                int rows = segment.rows();
                int number = rows == 0
                        ? 0
                        : Math.max(
                                segment.index().firstFromTimestamp(timestampMs, rows),
                                segment.index().firstEndingAfter(log.startOffset(), rows));
                if (number < rows) {
                    BatchCursor cursor =
                            new BatchCursor(segment, segment.index().row(number).position(), segment.bytes());
                    for (; !cursor.atEnd() && cursor.header().baseOffset() < highWatermark; cursor.advance()) {
                        if (cursor.header().maxTimestamp() >= timestampMs) {
                            Optional<TimestampOffset> found = findIn(RecordBatch.at(cursor.bytes(), 0), timestampMs);
                            if (found.isPresent()) {
                                return found;
                            }
                        }
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw failed(log.startOffset(), e);
        }
    }

    private Optional<TimestampOffset> findIn(RecordBatch batch, long timestampMs) {
        for (Record record : batch.records()) {
            if (record.timestampMs() >= timestampMs && record.offset() >= log.startOffset()) {
                return Optional.of(new TimestampOffset(record.offset(), record.timestampMs()));
            }
        }
        return Optional.empty();
    }

    /** Every committed batch that begins at or after the log start, whole and checked. */
    void visit(Consumer<ByteBuffer> visitor) {
        try {
            visitFrom(log.startOffset(), log.highWatermark(), visitor);
        } catch (IOException e) {
            throw failed(log.startOffset(), e);
        }
    }

    private void visitFrom(long startOffset, long highWatermark, Consumer<ByteBuffer> visitor) throws IOException {
        for (LogSegment segment : log.segments()) {
            int rows = segment.rows();
            int number = rows == 0 ? 0 : segment.index().firstEndingAfter(startOffset, rows);
            if (number < rows) {
                BatchCursor cursor =
                        new BatchCursor(segment, segment.index().row(number).position(), segment.bytes());
                for (; !cursor.atEnd() && cursor.header().baseOffset() < highWatermark; cursor.advance()) {
                    if (cursor.header().baseOffset() >= startOffset) {
                        visitor.accept(cursor.bytes());
                    }
                }
            }
        }
    }

    /** The payload of an entry that is written, checked against its checksum. */
    ByteBuffer payload(long term, long index) throws IOException {
        List<LogSegment> all = log.segments();
        for (int i = all.size() - 1; i >= 0; i--) {
            LogSegment segment = all.get(i);
            int rows = segment.rows();
            if (rows > 0 && segment.index().row(0).index() <= index) {
                int number = segment.index().firstFromIndex(index, rows);
                EntryRow row = number == rows ? null : segment.index().row(number);
                if (row != null && row.index() == index && row.term() == term) {
                    return payload(segment, row);
                }
                break;
            }
        }
        throw new IOException("no payload stored for (t:" + term + ", i:" + index + ")");
    }

    /** Reads and checks; a failed check is reported. */
    ByteBuffer payload(LogSegment segment, EntryRow row) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(row.length());
        segment.file().read(bytes, row.position());
        bytes.flip();
        if (bytes.limit() != row.length() || Crc.of(bytes) != row.payloadCrc()) {
            String what = "segment " + segment + ": payload of entry " + row.index() + " at " + row.position()
                    + ": checksum is wrong";
            log.damaged(what);
            throw new DamagedLogException(what);
        }
        return bytes;
    }

    private void checkRange(long offset) {
        long start = log.startOffset();
        long end = log.endOffset();
        if (offset < start || offset > end) {
            throw new BrokerException(
                    ErrorCode.OFFSET_OUT_OF_RANGE, "offset: " + offset + " (expected: " + start + " to " + end + ")");
        }
    }

    private BrokerException failed(long offset, IOException e) {
        checkRange(offset); // the segment may have been deleted underneath
        if (e instanceof DamagedLogException) {
            log.damaged(String.valueOf(e.getMessage()));
            return new BrokerException(ErrorCode.REPLICA_DAMAGED, String.valueOf(e.getMessage()), e);
        }
        return new BrokerException(ErrorCode.STORAGE_ERROR, "read at offset " + offset + ": " + e.getMessage(), e);
    }

    /** The last segment that begins at or below the offset; the first where none does. */
    static int floor(List<LogSegment> segments, long offset) {
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).name().baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
