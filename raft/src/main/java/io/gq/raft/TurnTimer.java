package io.gq.raft;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The timer of one who takes turns: at most one stands, and an earlier one is kept, for the turn that it begins sets the next. What is not
 * urgent is put off to a raster that all timers of a loop share, so that they are due together: a wake-up costs more than a heartbeat.
 *
 * <p>Used by one turn at a time.
 */
final class TurnTimer {

    static final long RASTER_MS = 50;
    private static final long RASTER_NANOS = TimeUnit.MILLISECONDS.toNanos(RASTER_MS);

    private final EventLoop loop;
    private final Runnable turn;
    private @Nullable ScheduledFuture<?> standing;
    private long atNanos;

    /** @param turn run on the loop when the time has come; hands the turn to wherever it is taken */
    TurnTimer(EventLoop loop, Runnable turn) {
        this.loop = loop;
        this.turn = turn;
    }

    /** The turn is taken after {@code ms}, or before. */
    void in(long ms) {
        long now = loop.ticker().nanoTime();
        at(now, now + TimeUnit.MILLISECONDS.toNanos(ms));
    }

    /** As {@link #in}, but up to {@value #RASTER_MS} ms later where the wait is not shorter than that anyway. */
    void togetherIn(long ms) {
        long now = loop.ticker().nanoTime();
        long at = now + TimeUnit.MILLISECONDS.toNanos(ms);
        at(now, ms < RASTER_MS ? at : at + RASTER_NANOS - Math.floorMod(at, RASTER_NANOS));
    }

    private void at(long now, long at) {
        ScheduledFuture<?> timer = standing;
        if (timer != null
                && atNanos - now > 0
                && atNanos - at <= 0) { // one whose time has come may have had its turn already
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        atNanos = at;
        standing = loop.schedule(turn, at - now, TimeUnit.NANOSECONDS);
    }
}
