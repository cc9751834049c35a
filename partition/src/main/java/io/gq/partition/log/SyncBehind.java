package io.gq.partition.log;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Runs the syncs of logs that were written to, some time after it. Safe for use by many threads. */
final class SyncBehind {

    private final Scheduler scheduler;
    private final Executor executor;
    private final Duration interval;
    private Set<Runnable> waiting = new LinkedHashSet<>();

    /** @param executor runs the syncs; when it takes no more, the process is ending and syncs its files by itself */
    SyncBehind(Scheduler scheduler, Executor executor, Duration interval) {
        this.scheduler = scheduler;
        this.executor = executor;
        this.interval = interval;
    }

    /** Runs the sync within the interval; one that waits already is not run twice. */
    void soon(Runnable sync) {
        boolean first;
        synchronized (this) {
            first = waiting.isEmpty();
            waiting.add(sync);
        }
        if (first) {
            try {
                scheduler.after(interval, this::run);
            } catch (RejectedExecutionException e) {
                // the process is ending
            }
        }
    }

    private void run() {
        Set<Runnable> due;
        synchronized (this) {
            due = waiting;
            waiting = new LinkedHashSet<>();
        }
        for (Runnable sync : due) {
            try {
                executor.execute(sync);
            } catch (RejectedExecutionException e) {
                return;
            }
        }
    }
}
