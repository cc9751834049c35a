package io.gq.broker.host;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * A leader whose own disk takes no appends refuses them all, however much room the others have. So as long as this node's disk is full,
 * what is led here is handed to members with room; they come back, as after a restart, when there is room again.
 */
final class FullDiskDuty {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final BooleanSupplier full;
    private final Runnable handOver;
    private final Scheduler scheduler;
    private final Executor executor;
    private final AtomicBoolean running = new AtomicBoolean();
    private Scheduler.Cancellable ticking = () -> {};

    /**
     * @param full whether this node's disk takes no appends
     * @param handOver hands over what can be; may take seconds
     * @param executor runs it, once at a time
     */
    FullDiskDuty(BooleanSupplier full, Runnable handOver, Scheduler scheduler, Executor executor) {
        this.full = full;
        this.handOver = handOver;
        this.scheduler = scheduler;
        this.executor = executor;
    }

    void start() {
        ticking = scheduler.every(INTERVAL, this::tick);
    }

    void stop() {
        ticking.cancel();
    }

    private void tick() {
        if (full.getAsBoolean() && running.compareAndSet(false, true)) {
            executor.execute(() -> {
                try {
                    handOver.run();
                } finally {
                    running.set(false);
                }
            });
        }
    }
}
