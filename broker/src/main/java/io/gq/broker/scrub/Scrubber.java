package io.gq.broker.scrub;

import io.gq.broker.config.ScrubConfig;
import io.gq.core.GroupId;
import io.gq.core.time.Scheduler;
import io.gq.partition.log.LogScrub;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the committed records of all replicas of a node again, one after the other, and has those rebuilt that are damaged. After each
 * stretch it waits as long as the stretch may take at its rate.
 *
 * <pre>
 *   waiting --interval--> round: next replica --> stretch, pause, stretch, pause ... --> next replica ... --> waiting
 * </pre>
 *
 * <p>One stretch at a time, on the executor; nothing is held between rounds.
 */
public final class Scrubber {

    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);

    /** A node that has just started has other things to read. */
    private static final Duration FIRST_DELAY_MAX = Duration.ofMinutes(1);

    private static final int STRETCHES_PER_SECOND = 10;
    private static final long STRETCH_BYTES_MIN = 4 << 10;
    private static final long STRETCH_BYTES_MAX = 1 << 20;
    private static final Duration PAUSE_MIN = Duration.ofMillis(1);

    private final ScrubConfig config;
    private final Supplier<? extends Collection<? extends ScrubTarget>> targets;
    private final BiConsumer<GroupId, String> rebuild;
    private final ScrubMetrics metrics;
    private final Scheduler scheduler;
    private final Executor executor;
    private final InstantSource clock;
    private final LongSupplier nanoClock;

    private final Deque<ScrubTarget> left = new ArrayDeque<>();
    private @Nullable ScrubTarget target;
    private @Nullable LogScrub scrub;
    private long begunNanos;
    private long roundBytes;
    private int roundDamage;
    private boolean stopped;

    /**
     * @param targets the replicas that serve now, asked for each round
     * @param rebuild told of a damaged replica, and of what is wrong
     * @param executor runs a stretch, which reads the disk
     */
    public Scrubber(
            ScrubConfig config,
            Supplier<? extends Collection<? extends ScrubTarget>> targets,
            BiConsumer<GroupId, String> rebuild,
            ScrubMetrics metrics,
            Scheduler scheduler,
            Executor executor,
            InstantSource clock,
            LongSupplier nanoClock) {
        this.config = config;
        this.targets = targets;
        this.rebuild = rebuild;
        this.metrics = metrics;
        this.scheduler = scheduler;
        this.executor = executor;
        this.clock = clock;
        this.nanoClock = nanoClock;
    }

    /** Nothing happens where scrubbing is off. */
    public void start() {
        if (config.enabled()) {
            boolean soon = config.interval().compareTo(FIRST_DELAY_MAX) < 0;
            later(soon ? config.interval() : FIRST_DELAY_MAX, this::beginRound);
        }
    }

    /** No stretch begins after it. */
    public synchronized void stop() {
        stopped = true;
        left.clear();
        leaveTarget();
    }

    private void later(Duration delay, Runnable work) {
        scheduler.after(delay, () -> executor.execute(work));
    }

    private synchronized void beginRound() {
        if (stopped) {
            return;
        }
        begunNanos = nanoClock.getAsLong();
        roundBytes = 0;
        roundDamage = 0;
        try {
            targets.get().stream()
                    .sorted(Comparator.comparing(t -> t.id().toString()))
                    .forEach(left::add);
            metrics.begun(left.stream().mapToLong(ScrubTarget::bytes).sum());
        } catch (RuntimeException e) {
            LOG.warn("scrub round not begun cause={}", e.toString());
            left.clear();
        }
        stretch();
    }

    private synchronized void stretch() {
        if (stopped) {
            return;
        }
        if (scrub == null) {
            target = left.poll();
            if (target == null) {
                endRound();
                return;
            }
        }
        long bytes = read(target);
        later(pause(bytes), this::stretch);
    }

    /** @return bytes read */
    private long read(ScrubTarget from) {
        try {
            LogScrub reading = scrub == null ? from.scrub() : scrub;
            scrub = reading;
            LogScrub.Step step = reading.step(stretchBytes());
            roundBytes += step.bytes();
            metrics.read(step.bytes());
            if (step.damage() != null) {
                found(from, step.damage());
            }
            if (step.atEnd() || (step.damage() != null && step.damage().rebuild())) {
                leaveTarget();
            }
            return step.bytes();
        } catch (IOException | RuntimeException e) {
            LOG.info("replica not scrubbed to its end group={} cause={}", from.id(), e.toString());
            leaveTarget();
            return 0;
        }
    }

    private void found(ScrubTarget from, LogScrub.Damage damage) {
        roundDamage++;
        metrics.damaged();
        LOG.error("scrub found damage group={} rebuild={} what=\"{}\"", from.id(), damage.rebuild(), damage.what());
        if (damage.rebuild()) {
            rebuild.accept(from.id(), damage.what());
        }
    }

    private void leaveTarget() {
        LogScrub reading = scrub;
        scrub = null;
        target = null;
        if (reading != null) {
            try {
                reading.close();
            } catch (IOException e) {
                LOG.debug("files of a scrub did not close", e);
            }
        }
    }

    private void endRound() {
        metrics.completed(clock.millis());
        Duration took = Duration.ofNanos(nanoClock.getAsLong() - begunNanos);
        LOG.debug("scrub round complete bytes={} damage={} took={}", roundBytes, roundDamage, took);
        Duration rest = config.interval().minus(took);
        later(rest.compareTo(PAUSE_MIN) < 0 ? PAUSE_MIN : rest, this::beginRound);
    }

    private int stretchBytes() {
        long tenth = config.bytesPerSecond().bytes() / STRETCHES_PER_SECOND;
        return (int) Math.max(STRETCH_BYTES_MIN, Math.min(STRETCH_BYTES_MAX, tenth));
    }

    private Duration pause(long bytes) {
        Duration pause =
                Duration.ofNanos((long) (bytes * 1e9 / config.bytesPerSecond().bytes()));
        return pause.compareTo(PAUSE_MIN) < 0 ? PAUSE_MIN : pause;
    }
}
