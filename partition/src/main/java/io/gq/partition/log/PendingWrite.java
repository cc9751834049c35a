package io.gq.partition.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An entry's payload on its way to the disk. */
final class PendingWrite implements WriteQueue.Write {

    private final SegmentedLog log;
    private final LogSegment segment;
    private final EntryRow row;
    private final ByteBuffer payload;
    private final boolean synced;
    private final CompletableFuture<Void> durable = new CompletableFuture<>();
    private boolean cut;

    /** @param synced done when the segment is synced; else when it is written */
    PendingWrite(SegmentedLog log, LogSegment segment, EntryRow row, ByteBuffer payload, boolean synced) {
        this.log = log;
        this.segment = segment;
        this.row = row;
        this.payload = payload.asReadOnlyBuffer();
        this.synced = synced;
    }

    EntryRow row() {
        return row;
    }

    ByteBuffer payload() {
        return payload.duplicate();
    }

    CompletableFuture<Void> durable() {
        return durable;
    }

    /** The entry was cut from the log while it was being written: it is stored all the same, and shown to nobody. */
    void cut() {
        cut = true;
    }

    boolean isCut() {
        return cut;
    }

    @Override
    public void perform(WriteQueue.Syncs syncs) throws IOException {
        log.checkWritable();
        segment.store(row, payload(), synced, log.config().preallocateBytes(), syncs);
        log.written(this);
    }

    @Override
    public void done(@Nullable Exception failure) {
        Exception cause = log.finished(this, failure);
        if (cause == null) {
            durable.complete(null);
        } else {
            durable.completeExceptionally(cause);
        }
    }
}
