package io.gq.partition.log;

import io.gq.core.io.StorageFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads all that a checkpoint covers, from the files of a log that is not open. Changes nothing. One thread. */
public final class StoredLogCheck {

    private static final int DAMAGE_MAX = 100;

    private final Path directory;
    private final StorageFiles files;
    private final List<String> damage = new ArrayList<>();
    private long bytes;

    public StoredLogCheck(Path directory, StorageFiles files) {
        this.directory = directory;
        this.files = files;
    }

    /** What is wrong and where, one sentence each; the first hundred. */
    public List<String> run(LogCheckpoint checkpoint) {
        for (SegmentMark mark : checkpoint.segments()) {
            if (mark.endOffset() > checkpoint.startOffset() && damage.size() < DAMAGE_MAX) {
                check(mark);
            }
        }
        return List.copyOf(damage);
    }

    /** Of payload and rows, read so far. */
    public long bytes() {
        return bytes;
    }

    private void check(SegmentMark mark) {
        try (SegmentCheck segment = SegmentCheck.open(mark.name(), directory, files)) {
            EntryRow row = null;
            while (segment.number() < mark.rows() && damage.size() < DAMAGE_MAX) {
                row = segment.row();
                if (row == null) {
                    found(mark, "row " + segment.number() + " of the index: checksum or place is wrong");
                    return;
                }
                check(mark, segment, row);
                segment.passed(row);
            }
            if (row != null && (row.endPosition() != mark.bytes() || row.endOffset() != mark.endOffset())) {
                found(mark, "ends at offset " + row.endOffset() + " (expected: " + mark.endOffset() + ")");
            }
        } catch (NoSuchFileException e) {
            found(mark, "is missing");
        } catch (IOException e) {
            found(mark, "cannot be read: " + e.getMessage());
        }
    }

    private void check(SegmentMark mark, SegmentCheck segment, EntryRow row) throws IOException {
        ByteBuffer payload = segment.payload(row);
        bytes += EntryRow.BYTES + (long) row.length();
        String wrong = payload == null ? "checksum of its payload is wrong" : SegmentCheck.contradiction(row, payload);
        if (wrong != null) {
            found(
                    mark,
                    "entry " + row.index() + " at " + row.position() + ", offsets [" + row.baseOffset() + ","
                            + row.endOffset() + "): " + wrong);
        }
    }

    private void found(SegmentMark mark, String what) {
        damage.add("segment " + mark.name() + ": " + what);
    }
}
