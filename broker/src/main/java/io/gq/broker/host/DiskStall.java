package io.gq.broker.host;

import io.gq.core.GroupId;
import java.time.Duration;
import java.util.Map;

/**
 * Whether a disk takes nothing: logs wait for it, and of those that did at the last look none got further, look after look. Those that
 * came to wait since prove nothing: what they wrote may be in the page cache. Pure: what is seen and when comes in with every look. Not
 * thread-safe.
 */
final class DiskStall {

    /** A stall of a disk that several brokers share ends for all at once, and each looks at another time. */
    private static final int SLOW_LOOKS = 3;

    private final long lookNanos;
    private final long limitNanos;
    private Map<GroupId, Long> seen = Map.of();
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

    /** @param waiting logs that wait for the disk, each with a number that changes when it gets on */
    void look(Map<GroupId, Long> waiting, long now) {
        boolean selfPaused =
                now - lookedAt > 2 * lookNanos; // what nobody could write meanwhile says nothing of the disk
        boolean stuck = !seen.isEmpty()
                && seen.entrySet().stream().allMatch(log -> log.getValue().equals(waiting.get(log.getKey())));
        if (!stuck || selfPaused) {
            since = now;
        }
        if (stuck) {
            slowAt = now;
        }
        seen = waiting;
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
