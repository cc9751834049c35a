package io.gq.broker.host;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
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

    /** One attempt; may wait on disks and other brokers. */
    interface Attempt {
        void run() throws Exception;
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
        boolean failed = false;
        try {
            attempt.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        } catch (Exception e) {
            failed = true;
            LOG.warn("attempt failed, trying again in {} ms task={} cause={}", pause.toMillis(), name, e.toString());
            LOG.debug("attempt failed task={}", name, e);
        }
        synchronized (this) {
            if (stopped) {
                running = false;
            } else if (failed) {
                scheduler.after(pause, () -> executor.execute(this::run));
                pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause.multipliedBy(2);
            } else {
                pause = PAUSE_MIN;
                running = wanted;
                if (wanted) {
                    executor.execute(this::run);
                }
            }
        }
    }
}
