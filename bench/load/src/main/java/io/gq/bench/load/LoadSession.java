package io.gq.bench.load;

import io.gq.bench.load.LoadWatcher.Progress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run in time: lanes work in threads of their own from the start to the end of the window; what they count is looked at when the
 * window opens and when it closes.
 *
 * <pre>
 *   start ---- warm-up ----| window ............. |---- answers still to come ----
 * </pre>
 */
final class LoadSession {

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LongSupplier nanoTime;
    private final LoadWatcher watcher;
    private final long startNanos;
    private final long openNanos;
    private final long closeNanos;
    private final LongAdder records = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    LoadSession(LongSupplier nanoTime, Duration warmUp, Duration time, LoadWatcher watcher) {
        this.nanoTime = nanoTime;
        this.watcher = watcher;
        this.startNanos = nanoTime.getAsLong() + LEAD_NANOS;
        this.openNanos = startNanos + warmUp.toNanos();
        this.closeNanos = openNanos + time.toNanos();
    }

    /** What was counted between two moments. */
    record Counted(double seconds, long records, long bytes) {}

    long startNanos() {
        return startNanos;
    }

    /** Whether something meant to happen then belongs to what is measured. */
    boolean measures(long nanos) {
        return nanos - openNanos >= 0 && nanos - closeNanos < 0;
    }

    /** Whether lanes go on at that time. */
    boolean runsAt(long nanos) {
        return nanos - closeNanos < 0 && failure.get() == null;
    }

    void count(long valueBytes) {
        records.increment();
        bytes.add(valueBytes);
    }

    /** Since the start. */
    long recordsCounted() {
        return records.sum();
    }

    /** Ends the run. */
    void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
    }

    /** Runs the lanes and waits for their ends. */
    Counted run(List<? extends Runnable> lanes) {
        List<Thread> threads = lanes.stream().map(this::start).toList();
        try {
            watch(openNanos, true);
            Moment opened = moment();
            watcher.opened();
            watch(closeNanos, false);
            Moment closed = moment();
            watcher.closed();
            for (Thread thread : threads) {
                thread.join();
            }
            check();
            return new Counted(
                    (closed.nanos - opened.nanos) / 1e9, closed.records - opened.records, closed.bytes - opened.bytes);
        } catch (RuntimeException e) {
            fail(e); // the watcher saw something that makes the run worthless
            throw e;
        } catch (InterruptedException e) {
            fail(e);
            Thread.currentThread().interrupt();
            throw new LoadFailure("interrupted", e);
        }
    }

    /** Runs beside the lanes; a failure of it ends the run. */
    Thread start(Runnable lane) {
        Thread thread = new Thread(
                () -> {
                    try {
                        lane.run();
                    } catch (RuntimeException | Error e) {
                        fail(e);
                    }
                },
                "load");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** @throws LoadFailure where something failed */
    void check() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new LoadFailure("the load failed: " + cause.getMessage(), cause);
        }
    }

    private void watch(long untilNanos, boolean warmingUp) throws InterruptedException {
        Moment last = moment();
        while (untilNanos - nanoTime.getAsLong() > 0 && failure.get() == null) {
            TimeUnit.NANOSECONDS.sleep(Math.min(TICK_NANOS, untilNanos - nanoTime.getAsLong()));
            Moment now = moment();
            double seconds = Math.max(1, now.nanos - last.nanos) / 1e9;
            watcher.tick(new Progress(
                    (now.nanos - startNanos) / 1e9,
                    (closeNanos - startNanos) / 1e9,
                    warmingUp,
                    (now.records - last.records) / seconds,
                    (now.bytes - last.bytes) / 1e6 / seconds));
            last = now;
        }
    }

    private Moment moment() {
        return new Moment(nanoTime.getAsLong(), records.sum(), bytes.sum());
    }

    private record Moment(long nanos, long records, long bytes) {}
}
