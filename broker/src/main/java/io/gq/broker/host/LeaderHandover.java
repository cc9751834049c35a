package io.gq.broker.host;

import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import io.gq.raft.RatisGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves leaders off a node that stops, all groups at once, in short attempts: a target that stops as well is left for another. */
final class LeaderHandover {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderHandover.class);
    private static final Duration ATTEMPT = Duration.ofSeconds(2);

    private final NodeId self;
    private final Predicate<NodeId> takesOver;
    private final LongSupplier nanoClock;

    /** @param takesOver whether a node is alive and not stopping itself, asked before each attempt */
    LeaderHandover(NodeId self, Predicate<NodeId> takesOver, LongSupplier nanoClock) {
        this.self = self;
        this.takesOver = takesOver;
        this.nanoClock = nanoClock;
    }

    void run(List<RatisGroup> led, Duration timeout) {
        long deadline = nanoClock.getAsLong() + timeout.toNanos();
        List<RatisGroup> left = led;
        while (!left.isEmpty() && nanoClock.getAsLong() < deadline) {
            Duration attempt = Duration.ofNanos(Math.min(ATTEMPT.toNanos(), deadline - nanoClock.getAsLong()));
            List<CompletableFuture<Void>> transfers = new ArrayList<>();
            for (RatisGroup group : left) {
                target(group).ifPresent(to -> transfers.add(group.transferLeadership(to, attempt)));
            }
            if (transfers.isEmpty()) {
                break;
            }
            CompletableFuture.allOf(transfers.toArray(CompletableFuture[]::new))
                    .handle((done, failure) -> null)
                    .join();
            left = left.stream()
                    .filter(g -> g.leadership().role() == Leadership.Role.LEADER)
                    .toList();
        }
        if (left.isEmpty()) {
            LOG.info("leaders handed over groups={}", led.size());
        } else {
            LOG.warn("leaders not handed over, nobody takes them groups={} of={}", left.size(), led.size());
        }
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
