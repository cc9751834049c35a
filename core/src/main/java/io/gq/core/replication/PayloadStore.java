package io.gq.core.replication;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Payload of entries, written once, outside the Raft log. The calls come in log order, one at a time, under the log's lock; none
 * may block but {@link #flush}, in which all writing and syncing happens.
 */
public interface PayloadStore {

    /**
     * Stores the payload of the entry at {@code index}; anything stored at or after that index is dropped first.
     *
     * @param command the entry's command, not modified; some carry the payload themselves
     * @param payload owned by the store until the future completes; not modified
     * @return completes when the payload is durable for the group's durability class, which takes a {@link #flush}, or written where the
     *     command carries it and is about to be synced; exceptionally
     *     after an I/O error, which stops this replica for good
     */
    CompletableFuture<Void> write(long term, long index, ByteBuffer command, ByteBuffer payload);

    /**
     * The payload of a stored entry, for a follower that needs it again. Any thread.
     *
     * @return completes exceptionally where the entry is not stored, with {@link DamagedReplicaException} where it is not what was written
     */
    CompletableFuture<ByteBuffer> read(long term, long index);

    /** Drops everything stored at or after {@code index} (inclusive). */
    void truncate(long index);

    /**
     * Makes every write up to {@code index} (inclusive) durable, in the calling thread. Not under the log's lock.
     *
     * @return complete when that is done
     */
    CompletableFuture<Void> flush(long index);

    /** The Raft log no longer holds entries below {@code index}: payload trimmed from the partition may go from the disk. */
    void purged(long index);
}
