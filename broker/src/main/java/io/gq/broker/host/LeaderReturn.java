package io.gq.broker.host;

import io.gq.broker.config.BalanceConfig;
import io.gq.core.NodeId;
import io.gq.core.TopicPartition;
import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what this broker leads in place of another one back to it, a few at a time, when that one has been there and caught up for a
 * while. So leaders are balanced again after a broker was away. A partition takes no writes while its leader moves, and a move that fails
 * is mostly one of a cluster that has no time for it: after it none begins for a while, twice as long with each further one, and then one
 * at a time until one succeeds. Safe for use by many threads.
 */
final class LeaderReturn {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderReturn.class);
    /** While a leader waits for the other one to catch up it takes no writes. */
    private static final long LAG_MAX = 100;

    private static final Duration MOVE_TIMEOUT = Duration.ofSeconds(1);

    /** The rest after a failure is the delay, 16 times at most. */
    private static final int FAILURES_MAX = 5;

    /** A partition led here that another broker should lead. */
    interface Guest {
        TopicPartition name();

        NodeId preferred();

        /** How many entries the preferred leader's replica is behind. */
        long lag();

        CompletableFuture<Void> handOver(Duration timeout);
    }

    private final BalanceConfig config;
    private final Supplier<List<Guest>> guests;
    private final Predicate<NodeId> takesOver;
    private final Scheduler scheduler;
    private final LongSupplier nanoClock;
    private final Map<TopicPartition, Long> waitingSince = new HashMap<>();
    private int underWay;
    private int failures;
    private long failedAt;
    private long restUntil;
    private Scheduler.Cancellable ticking = () -> {};

    /** @param takesOver whether a node is alive, not stopping, and has room on its disk */
    LeaderReturn(
            BalanceConfig config,
            Supplier<List<Guest>> guests,
            Predicate<NodeId> takesOver,
            Scheduler scheduler,
            LongSupplier nanoClock) {
        this.config = config;
        this.guests = guests;
        this.takesOver = takesOver;
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
    }

    void start() {
        if (config.enabled()) {
            ticking = scheduler.every(config.interval(), this::tick);
        }
    }

    void stop() {
        ticking.cancel();
    }

    synchronized void tick() {
        long now = nanoClock.getAsLong();
        Map<TopicPartition, Guest> ready = new HashMap<>();
        for (Guest guest : guests.get()) {
            if (takesOver.test(guest.preferred()) && guest.lag() <= LAG_MAX) {
                ready.put(guest.name(), guest);
            }
        }
        waitingSince.keySet().retainAll(ready.keySet());
        ready.keySet().forEach(name -> waitingSince.putIfAbsent(name, now));
        // Whoever waits longest first: one that failed waits anew, behind the others.
        List<Map.Entry<TopicPartition, Long>> waiting = new ArrayList<>(waitingSince.entrySet());
        waiting.sort(Comparator.comparingLong(entry -> entry.getValue() - now));
        for (Map.Entry<TopicPartition, Long> entry : waiting) {
            if (now - entry.getValue() >= config.delay().toNanos() && mayMove(now)) {
                move(Objects.requireNonNull(ready.get(entry.getKey())), now);
            }
        }
    }

    private boolean mayMove(long now) {
        return failures == 0 ? underWay < config.movesMax() : underWay == 0 && now - restUntil >= 0;
    }

    private synchronized void moved(boolean succeeded, long begun) {
        underWay--;
        if (!succeeded) {
            failures = Math.min(failures + 1, FAILURES_MAX);
            failedAt = nanoClock.getAsLong();
            restUntil = failedAt + config.delay().toNanos() * (1L << (failures - 1));
        } else if (begun - failedAt >= 0) {
            failures = 0; // one that began before the last failure says nothing
        }
    }

    private void move(Guest guest, long now) {
        underWay++;
        waitingSince.remove(guest.name());
        CompletableFuture<?> unused = guest.handOver(MOVE_TIMEOUT).whenComplete((done, failure) -> {
            moved(failure == null, now);
            if (failure == null) {
                LOG.info("leader returned partition={} to={}", guest.name(), guest.preferred());
            } else {
                LOG.info(
                        "leader not returned partition={} to={} cause={}",
                        guest.name(),
                        guest.preferred(),
                        failure.toString());
            }
        });
    }
}
