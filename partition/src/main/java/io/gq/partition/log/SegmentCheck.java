package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import io.gq.core.record.CorruptBatchException;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the entries of one segment from the disk, in order, and holds them against their checksums: each row against its own, each
 * payload against the row's. Through file handles of its own, so it may go on beside readers, and while the segment is deleted. One
 * thread.
 */
final class SegmentCheck implements Closeable {

    private final SegmentName name;
    private final ReadAhead log;
    private final ReadAhead rows;
    private final EntryIndex index;
    private int number;
    private long position;
    private long endOffset;

    private SegmentCheck(SegmentName name, StorageFile log, StorageFile rows) {
        this.name = name;
        this.log = new ReadAhead(log);
        this.rows = new ReadAhead(rows);
        this.index = new EntryIndex(this.rows, name);
        this.endOffset = name.baseOffset();
    }

    static SegmentCheck open(SegmentName name, Path directory, StorageFiles files) throws IOException {
        StorageFile log = files.openUncached(name.logFile(directory));
        try {
            return new SegmentCheck(name, log, files.openUncached(name.indexFile(directory)));
        } catch (IOException e) {
            log.close();
            throw e;
        }
    }

    SegmentName name() {
        return name;
    }

    /** How many entries were checked or passed over. */
    int number() {
        return number;
    }

    /** The next row, where it is whole and follows the one before; null where it is not. */
    @Nullable
    EntryRow row() throws IOException {
        EntryRow row = index.find(number);
        if (row == null) {
            rows.forget();
            row = index.find(number);
        }
        boolean follows = row != null
                && row.position() == position
                && row.baseOffset() >= endOffset
                && row.endOffset() > row.baseOffset()
                && row.length() > 0;
        return follows ? row : null;
    }

    /** The payload of the row, where it fits its checksum; null where it does not. */
    @Nullable
    ByteBuffer payload(EntryRow row) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(row.length());
        if (!read(bytes, row)) {
            log.forget();
            bytes.clear();
            if (!read(bytes, row)) {
                return null;
            }
        }
        return bytes;
    }

    private boolean read(ByteBuffer bytes, EntryRow row) throws IOException {
        log.read(bytes, row.position());
        bytes.flip();
        return bytes.limit() == row.length() && Crc.of(bytes) == row.payloadCrc();
    }

    /** Goes on to the row after this one. */
    void passed(EntryRow row) {
        number++;
        position = row.endPosition();
        endOffset = row.endOffset();
    }

    /** What is wrong with the batches of a payload that fits its checksum; null where nothing is. */
    static @Nullable String contradiction(EntryRow row, ByteBuffer payload) {
        long offset = row.baseOffset();
        int bytes = 0;
        try {
            for (RecordBatch batch : RecordBatches.in(payload)) {
                if (batch.baseOffset() != offset || batch.computeCrc() != batch.crc()) {
                    return "batch at offset " + offset + ": checksum or base offset is wrong";
                }
                offset = batch.nextOffset();
                bytes += batch.sizeInBytes();
            }
        } catch (CorruptBatchException e) {
            return "batch at offset " + offset + ": " + e.getMessage();
        }
        return offset == row.endOffset() && bytes == row.length()
                ? null
                : "batches end at offset " + offset + " (expected: " + row.endOffset() + ")";
    }

    @Override
    public void close() throws IOException {
        try {
            log.close();
        } finally {
            rows.close();
        }
    }

    @Override
    public String toString() {
        return name.toString();
    }
}
