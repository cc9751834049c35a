package io.gq.broker.host;

import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import io.gq.core.time.Scheduler;
import io.gq.raft.RatisGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves leaders off a node that stops, in short attempts: a target that stops as well is left for another. One group after the other, more
 * at a time only where there are many: a group takes no writes while it moves, and elections at the same time slow each other down.
 */
final class LeaderHandover {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderHandover.class);
    /** A group takes no writes until it has moved or the attempt has failed. */
    private static final Duration ATTEMPT = Duration.ofSeconds(1);

    /** After a round that moved none: what a change of members refuses at once is not asked for all the time. */
    private static final Duration REST = Duration.ofMillis(100);

    private static final int GROUPS_A_LANE = 20;

    private final NodeId self;
    private final Predicate<NodeId> takesOver;
    private final Scheduler scheduler;
    private final LongSupplier nanoClock;

    /** @param takesOver whether a node is alive and not stopping itself, asked before each attempt */
    LeaderHandover(NodeId self, Predicate<NodeId> takesOver, Scheduler scheduler, LongSupplier nanoClock) {
        this.self = self;
        this.takesOver = takesOver;
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
    }

    void run(List<RatisGroup> led, Duration timeout) {
        long deadline = nanoClock.getAsLong() + timeout.toNanos();
        List<RatisGroup> left = led;
        while (!left.isEmpty() && nanoClock.getAsLong() < deadline) {
            Deque<RatisGroup> waiting = new ConcurrentLinkedDeque<>(left);
            waiting.removeIf(group -> target(group).isEmpty());
            if (waiting.isEmpty()) {
                break;
            }
            int count = 1 + waiting.size() / GROUPS_A_LANE;
            List<CompletableFuture<Void>> lanes = new ArrayList<>();
            for (int lane = 0; lane < count; lane++) {
                lanes.add(moveOn(waiting, deadline));
            }
            CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new)).join();
            List<RatisGroup> stillLed = left.stream()
                    .filter(g -> g.leadership().role() == Leadership.Role.LEADER)
                    .toList();
            if (stillLed.size() == left.size()) {
                rest();
            }
            left = stillLed;
        }
        if (left.isEmpty()) {
            LOG.info("leaders handed over groups={}", led.size());
        } else {
            LOG.warn("leaders not handed over, nobody takes them groups={} of={}", left.size(), led.size());
        }
    }

    private void rest() {
        CompletableFuture<Void> rested = new CompletableFuture<>();
        scheduler.after(REST, () -> rested.complete(null));
        rested.join();
    }

    /** Moves one group after the other until none waits or the time has passed; never fails. */
    private CompletableFuture<Void> moveOn(Deque<RatisGroup> waiting, long deadline) {
        long timeLeft = deadline - nanoClock.getAsLong();
        RatisGroup group = timeLeft > 0 ? waiting.poll() : null;
        if (group == null) {
            return CompletableFuture.completedFuture(null);
        }
        Duration attempt = Duration.ofNanos(Math.min(ATTEMPT.toNanos(), timeLeft));
        CompletableFuture<Void> moved = target(group)
                .map(to -> group.transferLeadership(to, attempt))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
        return moved.handle((done, failure) -> null).thenCompose(tried -> moveOn(waiting, deadline));
    }

    /** The most up-to-date other voter that takes over. */
    private Optional<NodeId> target(RatisGroup group) {
        Map<PeerId, Long> lags = group.status().lags();
        return group.members().voters().stream()
                .filter(peer -> !peer.node().equals(self) && takesOver.test(peer.node()))
                .min(Comparator.comparingLong((PeerId peer) -> lags.getOrDefault(peer, Long.MAX_VALUE))
                        .thenComparing(PeerId::node))
                .map(PeerId::node);
    }
}
