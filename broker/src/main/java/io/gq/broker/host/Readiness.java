package io.gq.broker.host;

import io.gq.broker.metadata.LeaderTable;
import io.gq.core.replication.Leadership;
import io.gq.raft.RatisGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Whether this node serves all it should, so that another one may go: it belongs to a cluster, is registered, and every group it hosts has
 * a leader with whom the replica here has caught up.
 */
public final class Readiness {

    private final BooleanSupplier member;
    private final Supplier<Optional<RatisGroup>> controller;
    private final BooleanSupplier registered;
    private final BooleanSupplier settled;
    private final IntSupplier distrusted;
    private final HostedPartitions hosted;
    private final LeaderTable leaders;
    private final CatchUp catchUp;
    private final BooleanSupplier stopping;

    /** @param distrusted replicas that may have forgotten records they acknowledged, and have not been taken in anew */
    public Readiness(
            BooleanSupplier member,
            Supplier<Optional<RatisGroup>> controller,
            BooleanSupplier registered,
            BooleanSupplier settled,
            IntSupplier distrusted,
            HostedPartitions hosted,
            LeaderTable leaders,
            CatchUp catchUp,
            BooleanSupplier stopping) {
        this.member = member;
        this.controller = controller;
        this.registered = registered;
        this.settled = settled;
        this.distrusted = distrusted;
        this.hosted = hosted;
        this.leaders = leaders;
        this.catchUp = catchUp;
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
        Optional<RatisGroup> replica = controller.get();
        if (replica.map(RatisGroup::leadership).flatMap(Leadership::leader).isEmpty()) {
            reasons.add("controller group: no leader known");
        } else if (!catchUp.has(replica.get())) {
            reasons.add("controller group: this replica has not caught up with its leader yet");
        }
        if (!registered.getAsBoolean()) {
            reasons.add("not registered with the controller yet");
        } else if (!settled.getAsBoolean()) {
            reasons.add("opening or rebuilding replicas");
            int waiting = distrusted.getAsInt();
            if (waiting > 0) {
                reasons.add(
                        "replicas that may have forgotten records when this machine went down wait for a leader on another"
                                + " machine to take them in: " + waiting);
            }
        }
        List<String> leaderless = names(p -> leaders.leaderOf(p.id()).isEmpty());
        if (!leaderless.isEmpty()) {
            reasons.add("partitions without a leader: " + leaderless);
        }
        List<String> behind = names(p -> leaders.leaderOf(p.id()).isPresent() && !catchUp.has(p.group()));
        if (!behind.isEmpty()) {
            reasons.add("partitions whose replica here has not caught up with its leader yet: " + behind);
        }
        return reasons;
    }

    private List<String> names(Predicate<HostedPartition> which) {
        return hosted.all().stream()
                .filter(which)
                .map(p -> p.name().toString())
                .sorted()
                .toList();
    }
}
