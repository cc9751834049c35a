package io.gq.broker.host;

import io.gq.broker.metadata.LeaderTable;
import io.gq.core.replication.Leadership;
import io.gq.raft.RatisGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Whether this node serves all it should: it belongs to a cluster, is registered, and every group it hosts has a leader. */
public final class Readiness {

    private final BooleanSupplier member;
    private final Supplier<Optional<RatisGroup>> controller;
    private final BooleanSupplier registered;
    private final BooleanSupplier settled;
    private final HostedPartitions hosted;
    private final LeaderTable leaders;
    private final BooleanSupplier stopping;

    public Readiness(
            BooleanSupplier member,
            Supplier<Optional<RatisGroup>> controller,
            BooleanSupplier registered,
            BooleanSupplier settled,
            HostedPartitions hosted,
            LeaderTable leaders,
            BooleanSupplier stopping) {
        this.member = member;
        this.controller = controller;
        this.registered = registered;
        this.settled = settled;
        this.hosted = hosted;
        this.leaders = leaders;
        this.stopping = stopping;
    }

    /** Why the node is not ready; empty where it is. */
    public List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        if (stopping.getAsBoolean()) {
            reasons.add("stopping");
        }
        if (!member.getAsBoolean()) {
            reasons.add("waiting for the other controllers to found or name the cluster");
            return reasons;
        }
        Optional<Leadership> leadership = controller.get().map(RatisGroup::leadership);
        if (leadership.flatMap(Leadership::leader).isEmpty()) {
            reasons.add("controller group: no leader known");
        }
        if (!registered.getAsBoolean()) {
            reasons.add("not registered with the controller yet");
        } else if (!settled.getAsBoolean()) {
            reasons.add("opening or rebuilding replicas");
        }
        List<String> leaderless = hosted.all().stream()
                .filter(p -> leaders.leaderOf(p.id()).isEmpty())
                .map(p -> p.name().toString())
                .sorted()
                .toList();
        if (!leaderless.isEmpty()) {
            reasons.add("partitions without a leader: " + leaderless);
        }
        return reasons;
    }
}
