package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import io.gq.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Walks the headers of the batches in a part of a file that holds whole batches only. One thread. */
final class BatchCursor {

    private static final int WINDOW_BYTES = 16 << 10;

    private final LogSegment segment;
    private final StorageFile file;
    private final long end;
    private final ByteBuffer window;
    private long windowStart;
    private long position;

    /** @param position where a batch begins; {@code end}, exclusive, is where the last one ends */
    BatchCursor(LogSegment segment, long position, long end) throws IOException {
        this.segment = segment;
        this.file = segment.file();
        this.position = position;
        this.end = end;
        this.window =
                ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, Math.max(RecordBatch.HEADER_BYTES, end - position)));
        window.limit(0);
        windowStart = position;
    }

    boolean atEnd() {
        return position >= end;
    }

    long position() {
        return position;
    }

    /** The header of the batch at the position; its records may lie outside the view. */
    RecordBatch header() throws IOException {
        long at = position - windowStart;
        if (at + RecordBatch.HEADER_BYTES > window.limit()) {
            file.read(window.clear(), position);
            window.flip();
            windowStart = position;
            at = 0;
            if (window.limit() < RecordBatch.HEADER_BYTES) {
                throw new DamagedLogException("segment " + segment + ": batch header at " + position + " is cut off");
            }
        }
        RecordBatch header = RecordBatch.at(window, (int) at);
        checkFrame(segment, header, position, end);
        return header;
    }

    void advance() throws IOException {
        position += header().sizeInBytes();
    }

    /** The whole batch at the position, its CRC checked. */
    ByteBuffer bytes() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(header().sizeInBytes());
        file.read(bytes, position);
        bytes.flip();
        RecordBatch batch = RecordBatch.at(bytes, 0);
        if (bytes.limit() < bytes.capacity() || batch.computeCrc() != batch.crc()) {
            throw damaged(segment, position, "checksum is wrong");
        }
        return bytes;
    }

    /** A batch that passes begins with a header that can be true and ends at or before {@code end}. */
    static void checkFrame(LogSegment segment, RecordBatch header, long position, long end) throws DamagedLogException {
        int bytes = header.sizeInBytes();
        if (header.magic() != RecordBatch.MAGIC || bytes < RecordBatch.HEADER_BYTES || position + bytes > end) {
            throw damaged(
                    segment,
                    position,
                    "magic " + header.magic() + ", bytes " + bytes + " (expected: 2, within " + (end - position) + ")");
        }
    }

    static DamagedLogException damaged(LogSegment segment, long position, String what) {
        return new DamagedLogException("segment " + segment + ": batch at " + position + ": " + what);
    }
}
