package io.gq.broker.host;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that brings one thing into the wanted state: never runs twice at once, runs again when it was asked for meanwhile, and after a
 * growing pause when it failed. Asking is cheap and never waits. Safe for use by many threads.
 */
final class RetryingTask {

    private static final Logger LOG = LoggerFactory.getLogger(RetryingTask.class);
    private static final Duration PAUSE_MIN = Duration.ofMillis(200);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(3);

    /** One attempt; may wait on disks. It is over when the result completes, and until then no other begins. */
    interface Attempt {
        CompletableFuture<?> run();
    }

    private final String name;
    private final Attempt attempt;
    private final Executor executor;
    private final Scheduler scheduler;
    private boolean running;
    private boolean wanted;
    private boolean stopped;
    private Duration pause = PAUSE_MIN;

    RetryingTask(String name, Attempt attempt, Executor executor, Scheduler scheduler) {
        this.name = name;
        this.attempt = attempt;
        this.executor = executor;
        this.scheduler = scheduler;
    }

    /** The wanted state may have changed. */
    synchronized void ask() {
        wanted = true;
        if (!running && !stopped) {
            running = true;
            executor.execute(this::run);
        }
    }

    /** No attempt begins after it. */
    synchronized void stop() {
        stopped = true;
    }

    private void run() {
        synchronized (this) {
            if (stopped) {
                running = false;
                return;
            }
            wanted = false;
        }
        CompletableFuture<?> result;
        try {
            result = attempt.run();
        } catch (RuntimeException | Error e) {
            result = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<?> unused = result.whenComplete((done, failure) -> ended(failure));
    }

    private synchronized void ended(@Nullable Throwable failure) {
        if (failure != null && !stopped) {
            LOG.warn(
                    "attempt failed, trying again in {} ms task={} cause={}",
                    pause.toMillis(),
                    name,
                    failure.toString());
            LOG.debug("attempt failed task={}", name, failure);
            scheduler.after(pause, () -> executor.execute(this::run));
            pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause.multipliedBy(2);
            return;
        }
        pause = PAUSE_MIN;
        running = wanted && !stopped;
        if (running) {
            executor.execute(this::run);
        }
    }
}
