package io.gq.bench.load;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * When each record is meant to be sent. The schedule stands from the start and never waits for answers: a record that comes late
 * because an earlier one held things up is late, and its latency counts from when it was due.
 */
final class Pacer {

    private final LongSupplier nanoTime;
    private final long startNanos;
    private final double perSecond;
    private final int lane;
    private final int lanes;

    /**
     * @param perSecond of all lanes together; 0: as fast as can be, a record is due when its turn comes
     * @param lane of this pacer, from 0; lanes take turns
     */
    Pacer(LongSupplier nanoTime, long startNanos, double perSecond, int lane, int lanes) {
        this.nanoTime = nanoTime;
        this.startNanos = startNanos;
        this.perSecond = perSecond;
        this.lane = lane;
        this.lanes = lanes;
    }

    /** When record {@code number} of this lane is due, if the pace is fixed. */
    long due(long number) {
        return startNanos + Math.round((number * lanes + lane) * (1e9 / perSecond));
    }

    /** Waits for the turn of record {@code number}, from 0 on; answers the time it is meant to be sent, which may have passed. */
    long await(long number) {
        if (perSecond == 0) {
            return nanoTime.getAsLong();
        }
        long due = due(number);
        for (long left = due - nanoTime.getAsLong(); left > 0; left = due - nanoTime.getAsLong()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
        }
        return due;
    }
}
