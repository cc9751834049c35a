package io.gq.core.replication;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One replica of one replicated machine, as its host drives it. Applying is deterministic: no clock, no randomness, no waiting, no
 * I/O whose failure changes the result, no exception for bad input.
 *
 * <p>Threads: {@code open} comes first and once. {@code apply}, {@code skip}, {@code checkpoint} and {@code install} come from one
 * thread at a time, in index order. {@code verify} and the calls of {@link PayloadStore} come from other threads, each in log order.
 *
 * <pre>
 *   (new) --open--> FOLLOWING --lead(term)--> LEADING --follow--> FOLLOWING ... --close--> (closed)
 * </pre>
 */
public interface StateMachine extends AutoCloseable {

    /**
     * Recovers what the disk holds and makes it agree with the log: stored payload the log does not know is dropped.
     *
     * @return the last position whose effect is durable here; the host replays the entries after it
     * @throws DamagedReplicaException where the log or the checkpoint names payload this disk does not hold whole; the replica must
     *     then neither vote nor serve before it was rebuilt
     */
    LogPosition open(LogTail tail) throws IOException, DamagedReplicaException;

    /** Applies a committed entry. An entry at or below {@link #applied} is skipped without effect (replay). */
    Outcome apply(Entry entry);

    /** A committed entry without a command took this position. */
    void skip(LogPosition position);

    /** The last position applied or skipped. Any thread. */
    LogPosition applied();

    /**
     * Makes the state up to a position durable, so that the log up to it may be purged.
     *
     * @return that position: at most {@link #applied}, never beyond what has been fsynced
     */
    LogPosition checkpoint() throws IOException;

    /** The position {@link #open} or the last {@link #checkpoint} or {@link #install} returned. Any thread. */
    LogPosition checkpointed();

    /**
     * Leader only, under the log's lock, just before the command is appended in the present term: last check that the command was
     * decided from the state it will meet. Must not block.
     *
     * @return null to append it, else why not; then nothing is appended
     */
    default @Nullable String verify(long term, java.nio.ByteBuffer command) {
        return null;
    }

    /** This replica leads the term, and every entry of earlier terms is applied. From the apply thread. */
    void lead(long term);

    /** This replica does not lead, or no longer. May repeat; any thread. */
    void follow();

    /** Where the payload of entries is kept; null where commands are all there is. */
    default @Nullable PayloadStore payloads() {
        return null;
    }

    /** How much this replica already holds, for {@link #snapshot} of a peer to leave out. */
    java.nio.ByteBuffer held();

    /** Opens a snapshot of the applied state for a peer that holds {@code held}. Any thread; the caller closes it. */
    SnapshotReader snapshot(java.nio.ByteBuffer held) throws IOException;

    /**
     * Replaces or completes this replica's state by a snapshot; durable when it returns. Resumable: what was copied before a failure
     * is not copied again.
     *
     * @return the snapshot's position, now {@link #applied} and {@link #checkpointed}
     */
    LogPosition install(SnapshotReader snapshot) throws IOException;

    /** Releases files and memory; nothing is made durable that was not before. */
    @Override
    void close() throws IOException;
}
