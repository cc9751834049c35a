package io.gq.broker.host;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retention: the leader of a partition proposes to trim what its topic no longer keeps; every replica that has trimmed takes a
 * checkpoint, so that the Raft log lets go of the payload and the files can leave the disk.
 */
public final class Upkeep {

    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration CHECKPOINT_TIMEOUT = Duration.ofSeconds(30);

    private final HostedPartitions hosted;
    private final Scheduler scheduler;
    private final Executor executor;
    private final Duration interval;
    private final AtomicBoolean running = new AtomicBoolean();
    private Scheduler.Cancellable ticking = () -> {};

    /** @param executor runs rounds, which may touch disks */
    public Upkeep(HostedPartitions hosted, Scheduler scheduler, Executor executor, Duration interval) {
        this.hosted = hosted;
        this.scheduler = scheduler;
        this.executor = executor;
        this.interval = interval;
    }

    public void start() {
        ticking = scheduler.every(interval, () -> {
            if (running.compareAndSet(false, true)) {
                executor.execute(this::round);
            }
        });
    }

    public void stop() {
        ticking.cancel();
    }

    private void round() {
        try {
            for (HostedPartition partition : hosted.all()) {
                if (partition.serving()) {
                    keep(partition);
                }
            }
        } finally {
            running.set(false);
        }
    }

    private void keep(HostedPartition partition) {
        try {
            partition.keepTidy(CHECKPOINT_TIMEOUT);
        } catch (RuntimeException e) {
            LOG.warn("retention failed partition={} cause={}", partition.name(), e.toString());
        }
    }
}
