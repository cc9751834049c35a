package io.gq.client.internal;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs tasks now or later, one after the other. What only ever runs here needs no locks. After {@link #close}
 * new tasks are dropped.
 */
public final class LoopThread implements Executor, Scheduler, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LoopThread.class);

    private final ScheduledThreadPoolExecutor pool;

    public LoopThread(ThreadFactory threads) {
        pool = new ScheduledThreadPoolExecutor(1, threads, new ThreadPoolExecutor.DiscardPolicy());
        pool.setRemoveOnCancelPolicy(true);
        pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(guarded(task));
    }

    @Override
    public Cancellable after(Duration delay, Runnable task) {
        return cancellable(pool.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public Cancellable every(Duration delay, Runnable task) {
        return cancellable(
                pool.scheduleWithFixedDelay(guarded(task), delay.toNanos(), delay.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** Runs what was handed over before, drops what was to run later, and waits for at most five seconds. */
    @Override
    public void close() {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(5, TimeUnit.SECONDS)) {
                pool.shutdownNow();
            }
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** A single thread for callbacks of users; drops nothing that was handed over before its shutdown. */
    public static ExecutorService callbacks(ThreadFactory threads) {
        return new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
    }

    private static Cancellable cancellable(Future<?> future) {
        return () -> future.cancel(false);
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RejectedExecutionException e) {
                LOG.debug("task dropped at shutdown", e);
            } catch (RuntimeException e) {
                LOG.error("task failed", e);
            }
        };
    }
}
