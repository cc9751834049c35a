package io.gq.partition;

import io.gq.core.replication.SnapshotReader;
import io.gq.partition.SnapshotFrames.Frame;
import io.gq.partition.SnapshotFrames.Manifest;
import io.gq.partition.log.SegmentMark;
import io.gq.partition.log.SegmentedLog;
import io.gq.partition.log.StagedLog;
import io.gq.partition.log.StoredEntry;
import io.gq.partition.producer.ProducerState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The receiver's side of a snapshot: copies entries into segments beside the log, and marks every few megabytes how far it came, so
 * that the next attempt goes on there.
 */
final class SnapshotInstaller {

    private static final long MARK_BYTES = 32L << 20;

    private final SegmentedLog log;
    private final CheckpointStore checkpoints;
    private final SnapshotReader snapshot;
    private final Map<Long, ProducerState> producers = new LinkedHashMap<>();
    private long unmarkedBytes;
    private boolean storageFailed;

    SnapshotInstaller(SegmentedLog log, CheckpointStore checkpoints, SnapshotReader snapshot) {
        this.log = log;
        this.checkpoints = checkpoints;
        this.snapshot = snapshot;
    }

    Map<Long, ProducerState> producers() {
        return producers;
    }

    /** Whether {@link #copy} failed at what is stored here, not at what was sent. */
    boolean storageFailed() {
        return storageFailed || log.staged().filter(StagedLog::failed).isPresent();
    }

    /** Copies everything; durable and staged when it returns. */
    Manifest copy() throws IOException {
        Frame first = SnapshotFrames.decode(frame());
        if (first.kind() != SnapshotFrames.Kind.MANIFEST) {
            throw new IOException("snapshot begins with " + first.kind() + " (expected: MANIFEST)");
        }
        Manifest manifest = SnapshotFrames.manifest(first);
        StagedLog staged = stage(manifest);
        long entries = 0;
        try {
            while (true) {
                Frame frame = SnapshotFrames.decode(frame());
                switch (frame.kind()) {
                    case PRODUCERS -> producers.putAll(SnapshotFrames.producers(frame));
                    case ENTRY -> {
                        StoredEntry entry = SnapshotFrames.entry(frame);
                        append(staged, manifest, entry, payload(entry));
                        entries++;
                    }
                    case END -> {
                        checkEnd(staged, manifest, entries, SnapshotFrames.entries(frame));
                        mark(staged);
                        return manifest;
                    }
                    case MANIFEST, CHUNK -> throw new IOException("snapshot: unexpected " + frame.kind());
                }
            }
        } catch (IOException e) {
            if (!storageFailed()) {
                mark(staged);
            }
            throw e;
        }
    }

    private StagedLog stage(Manifest manifest) throws IOException {
        StagedLog found = log.staged().orElse(null);
        if (found != null
                && found.endOffset() == manifest.fromOffset()
                && Held.of(log, -1).goesOn(manifest.startOffset(), manifest.highWatermark())) {
            return found;
        }
        if (found != null) {
            saveStaged(log.highWatermark(), List.of());
            log.unstage();
        }
        boolean connects = manifest.startOffset() <= log.highWatermark();
        return log.stage(connects ? log.highWatermark() : manifest.startOffset());
    }

    private void append(StagedLog staged, Manifest manifest, StoredEntry entry, ByteBuffer payload) throws IOException {
        boolean firstOfNewStart = staged.isEmpty()
                && staged.fromOffset() > log.highWatermark()
                && entry.baseOffset() <= staged.fromOffset()
                && entry.endOffset() > staged.fromOffset();
        if (entry.baseOffset() != staged.endOffset() && !firstOfNewStart) {
            throw new IOException("snapshot: " + entry + " (expected: from offset " + staged.endOffset() + ")");
        }
        if (entry.endOffset() > manifest.highWatermark()) {
            throw new IOException("snapshot: " + entry + " (expected: below " + manifest.highWatermark() + ")");
        }
        staged.append(entry, payload);
        unmarkedBytes += entry.length();
        if (unmarkedBytes >= MARK_BYTES) {
            mark(staged);
        }
    }

    private void mark(StagedLog staged) throws IOException {
        List<SegmentMark> marks = staged.sync();
        saveStaged(staged.fromOffset(), marks);
        unmarkedBytes = 0;
    }

    private void saveStaged(long fromOffset, List<SegmentMark> marks) throws IOException {
        try {
            checkpoints.saveStaged(fromOffset, marks);
        } catch (IOException e) {
            storageFailed = true;
            throw e;
        }
    }

    private ByteBuffer payload(StoredEntry entry) throws IOException {
        ByteBuffer payload = ByteBuffer.allocate(Math.min(entry.length(), SnapshotFrames.CHUNK_BYTES));
        while (payload.position() < entry.length()) {
            Frame chunk = SnapshotFrames.decode(frame());
            int left = entry.length() - payload.position();
            int bytes = chunk.body().remaining();
            if (chunk.kind() != SnapshotFrames.Kind.CHUNK || bytes < 1 || bytes > left) {
                throw new IOException("snapshot: " + chunk.kind() + " of " + bytes + " bytes (expected: CHUNK of 1 to "
                        + left + " bytes)");
            }
            payload = withRoom(payload, bytes, entry.length()).put(chunk.body());
        }
        CRC32C crc = new CRC32C();
        crc.update(payload.flip());
        payload.rewind();
        if ((int) crc.getValue() != entry.crc()) {
            throw new IOException("snapshot: payload of " + entry + ": checksum is wrong");
        }
        return payload;
    }

    /** Grows with what has come, not with what was announced. */
    private static ByteBuffer withRoom(ByteBuffer payload, int bytes, int bytesMax) {
        if (bytes <= payload.remaining()) {
            return payload;
        }
        long room = Math.max(2L * payload.capacity(), (long) payload.position() + bytes);
        return ByteBuffer.allocate((int) Math.min(bytesMax, room)).put(payload.flip());
    }

    private static void checkEnd(StagedLog staged, Manifest manifest, long entries, long entriesSent)
            throws IOException {
        if (entries != entriesSent || staged.endOffset() != manifest.highWatermark()) {
            throw new IOException("snapshot ends after " + entries + " entries at offset " + staged.endOffset()
                    + " (expected: " + entriesSent + " and " + manifest.highWatermark() + ")");
        }
    }

    private ByteBuffer frame() throws IOException {
        @Nullable ByteBuffer frame = snapshot.next();
        if (frame == null) {
            throw new IOException("snapshot is cut short");
        }
        return frame;
    }
}
