package io.gq.cli;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Holds a loop to a rate, counted from its start, so that a stall is made up for. */
final class Pace {

    private final long perSecond;
    private final long startNanos = System.nanoTime();
    private long count;

    /** @param perSecond 0: no limit */
    Pace(long perSecond) {
        this.perSecond = perSecond;
    }

    /** Waits until the next turn is due. */
    void await() {
        if (perSecond == 0) {
            return;
        }
        long due = startNanos + count++ * TimeUnit.SECONDS.toNanos(1) / perSecond;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }
}
