package io.gq.partition.append;

import io.gq.core.record.RecordBatch;
import io.gq.partition.producer.AppendedBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A batch on its way, and who waits for it: its producer, and whoever sent it again meanwhile. Guarded by the appender's lock. */
final class WaitingBatch {

    private final ByteBuffer bytes;
    private final RecordBatch header;
    private final List<Waiter> waiters = new ArrayList<>(1);

    WaitingBatch(ByteBuffer bytes) {
        this.bytes = bytes;
        this.header = RecordBatch.at(bytes, bytes.position());
    }

    private record Waiter(CompletableFuture<Appended> future, boolean duplicate) {}

    ByteBuffer bytes() {
        return bytes;
    }

    RecordBatch header() {
        return header;
    }

    int sizeInBytes() {
        return bytes.remaining();
    }

    int offsets() {
        return header.lastOffsetDelta() + 1;
    }

    int lastSequence() {
        return AppendedBatch.lastSequence(header.baseSequence(), offsets());
    }

    /** The same batch of the same producer. */
    boolean sameAs(WaitingBatch other) {
        return header.producerId() == other.header.producerId()
                && header.producerEpoch() == other.header.producerEpoch()
                && header.baseSequence() == other.header.baseSequence()
                && lastSequence() == other.lastSequence();
    }

    CompletableFuture<Appended> await(boolean duplicate) {
        CompletableFuture<Appended> future = new CompletableFuture<>();
        waiters.add(new Waiter(future, duplicate));
        return future;
    }

    /** Once, without the lock, when nobody can begin to wait any more. */
    void complete(long baseOffset, long term, long logAppendTimeMs) {
        for (Waiter w : waiters) {
            w.future.complete(new Appended(baseOffset, term, w.duplicate, logAppendTimeMs));
        }
    }

    /** As {@link #complete}. */
    void fail(RuntimeException cause) {
        waiters.forEach(w -> w.future.completeExceptionally(cause));
    }
}
