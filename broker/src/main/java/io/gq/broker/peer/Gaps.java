package io.gq.broker.peer;

/** The longest gap between beacons of late: of the present span and the one before it. Not thread-safe. */
final class Gaps {

    private static final long SPAN_NANOS = 10_000_000_000L;

    private long spanStart;
    private long present;
    private long previous;

    Gaps(long nowNanos) {
        spanStart = nowNanos;
    }

    void add(long gapNanos, long nowNanos) {
        roll(nowNanos);
        present = Math.max(present, gapNanos);
    }

    /** 0 where there was none. */
    long max(long nowNanos) {
        roll(nowNanos);
        return Math.max(present, previous);
    }

    private void roll(long nowNanos) {
        long spans = (nowNanos - spanStart) / SPAN_NANOS;
        if (spans > 0) {
            previous = spans == 1 ? present : 0;
            present = 0;
            spanStart += spans * SPAN_NANOS;
        }
    }
}
