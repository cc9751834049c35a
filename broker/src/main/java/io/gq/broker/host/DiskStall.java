package io.gq.broker.host;

import io.gq.raft.LogWrites;
import java.time.Duration;

/**
 * Whether a disk takes nothing: something waits to be written, and of all logs on it none got further, look after look. Pure: what is seen
 * and when comes in with every look. Not thread-safe.
 */
final class DiskStall {

    private final long lookNanos;
    private final long limitNanos;
    private LogWrites seen = new LogWrites(0, false);
    private long lookedAt;
    private long since;

    /** @param look how often it is meant to be looked at */
    DiskStall(Duration look, Duration limit, long nowNanos) {
        this.lookNanos = look.toNanos();
        this.limitNanos = limit.toNanos();
        this.lookedAt = nowNanos;
        this.since = nowNanos;
    }

    void look(LogWrites writes, long now) {
        boolean selfPaused =
                now - lookedAt > 2 * lookNanos; // what nobody could write meanwhile says nothing of the disk
        boolean stuck = seen.waiting() && writes.waiting() && writes.flushed() == seen.flushed();
        if (!stuck || selfPaused) {
            since = now;
        }
        seen = writes;
        lookedAt = now;
    }

    /** Nothing was written between the last two looks, though something waited. */
    boolean slow() {
        return lookedAt - since > 0;
    }

    boolean stalled() {
        return lookedAt - since >= limitNanos;
    }
}
