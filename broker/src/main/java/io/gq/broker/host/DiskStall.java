package io.gq.broker.host;

import io.gq.raft.LogWrites;
import java.time.Duration;

/**
 * Whether a disk takes nothing: something waits to be written, and of all logs on it none got further, look after look. Pure: what is seen
 * and when comes in with every look. Not thread-safe.
 */
final class DiskStall {

    /** A stall of a disk that several brokers share ends for all at once, and each looks at another time. */
    private static final int SLOW_LOOKS = 3;

    private final long lookNanos;
    private final long limitNanos;
    private LogWrites seen = LogWrites.NONE;
    private long lookedAt;
    private long since;
    private long slowAt;

    /** @param look how often it is meant to be looked at */
    DiskStall(Duration look, Duration limit, long nowNanos) {
        this.lookNanos = look.toNanos();
        this.limitNanos = limit.toNanos();
        this.lookedAt = nowNanos;
        this.since = nowNanos;
        this.slowAt = nowNanos - SLOW_LOOKS * lookNanos;
    }

    void look(LogWrites writes, long now) {
        boolean selfPaused =
                now - lookedAt > 2 * lookNanos; // what nobody could write meanwhile says nothing of the disk
        boolean stuck = seen.waiting() && writes.waiting() && writes.written() == seen.written();
        if (!stuck || selfPaused) {
            since = now;
        }
        if (stuck) {
            slowAt = now;
        }
        seen = writes;
        lookedAt = now;
    }

    /** Nothing was written between two looks just now or a moment ago, though something waited. */
    boolean slow() {
        return lookedAt - slowAt < SLOW_LOOKS * lookNanos;
    }

    boolean stalled() {
        return lookedAt - since >= limitNanos;
    }
}
