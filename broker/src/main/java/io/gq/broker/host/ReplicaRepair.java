package io.gq.broker.host;

import io.gq.broker.peer.ReplicaClient;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.raft.RatisGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a replica whose stored bytes fail their checksum. Nothing reads them without noticing, so there is time to do it in
 * the order that costs least and risks nothing: a leader hands over, the group's leader dismisses the replica, and only then it is
 * closed, set aside and rebuilt from its peers. Until then it votes and holds what is whole. Changes of members are made one after the
 * other, and only while the leader is whole, so where several replicas are damaged each waits until the one before it is back: what is
 * rotten here may be whole there.
 *
 * <pre>
 *   leads                    hands over to a whole one, or steps down where it cannot hand over (a replica that can copy nothing from it is
 *                            being taken in), then as below; goes on leading where no other is whole and has caught up
 *   the leader is damaged    stays as it is for now
 *   others are no majority   stays as it is for now: without it the group could not even take it out
 *   else                     dismissed, set aside and rebuilt
 * </pre>
 *
 * What cannot be done now is tried again until it is done. Safe for use by many threads.
 */
final class ReplicaRepair {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRepair.class);
    private static final Duration HAND_OVER = Duration.ofSeconds(2);
    private static final Duration DISMISS_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration STEP_DOWN = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(2);
    /** In entries: one that is further behind would not be elected, and a leader that waits for it takes no writes. */
    private static final long LAG_MAX = 1_000;

    private final NodeId self;
    private final Function<GroupId, Optional<HostedPartition>> hosted;
    private final Predicate<NodeId> alive;
    private final ReplicaClient replicas;
    private final Closing closing;
    private final Scheduler scheduler;
    private final Executor executor;
    private final LongSupplier nanoClock;
    private final Set<GroupId> underWay = ConcurrentHashMap.newKeySet();

    /** Closes damaged replicas. */
    interface Closing {
        /** Goes on until it is dismissed; then it is set aside and rebuilt. */
        void condemn(GroupId group, String what);

        /** Closed now, set aside and rebuilt. */
        void setAside(GroupId group, String what);
    }

    /**
     * @param alive whether a node was heard of lately and does not stop itself
     * @param executor runs what may wait
     */
    ReplicaRepair(
            NodeId self,
            Function<GroupId, Optional<HostedPartition>> hosted,
            Predicate<NodeId> alive,
            ReplicaClient replicas,
            Closing closing,
            Scheduler scheduler,
            Executor executor,
            LongSupplier nanoClock) {
        this.self = self;
        this.hosted = hosted;
        this.alive = alive;
        this.replicas = replicas;
        this.closing = closing;
        this.scheduler = scheduler;
        this.executor = executor;
        this.nanoClock = nanoClock;
    }

    /** Returns at once; harmless to repeat. */
    void damaged(GroupId group, String what) {
        hosted.apply(group).filter(found -> underWay.add(group)).ifPresent(found -> {
            LOG.error("stored bytes fail their checksum partition={} group={} what={}", found.name(), group, what);
            closing.condemn(group, what);
            soon(found, what);
        });
    }

    private void soon(HostedPartition damaged, String what) {
        executor.execute(() -> attempt(damaged, what));
    }

    private void attempt(HostedPartition damaged, String what) {
        boolean over = true;
        try {
            boolean stillOpen = hosted.apply(damaged.id())
                    .filter(now -> now.group() == damaged.group())
                    .isPresent();
            over = !stillOpen || repair(damaged, what);
        } catch (RuntimeException e) {
            over = false;
            LOG.warn("damaged replica not repaired yet partition={} cause={}", damaged.name(), e.toString());
        } finally {
            if (over) {
                underWay.remove(damaged.id());
            } else {
                scheduler.after(RETRY, () -> soon(damaged, what));
            }
        }
    }

    /** Whether the group goes on without this node. */
    static boolean othersAreMajority(List<PeerId> voters, NodeId self, Predicate<NodeId> alive) {
        long others = voters.stream()
                .map(PeerId::node)
                .filter(node -> !node.equals(self) && alive.test(node))
                .count();
        return others > voters.size() / 2;
    }

    /** @return false where it is to be tried again */
    private boolean repair(HostedPartition damaged, String what) {
        if (!damaged.serving()) {
            closing.setAside(damaged.id(), what);
            return true;
        }
        RatisGroup group = damaged.group();
        if (leads(group)) {
            giveUpLead(group);
        }
        List<PeerId> voters = group.members().voters();
        Optional<NodeId> leader = group.leadership().leader().filter(node -> !node.equals(self));
        if (leader.isEmpty() || !othersAreMajority(voters, self, alive)) {
            LOG.error(
                    "damaged, left as it is until others are a majority and one of them leads partition={} voters={} leader={} what=\"{}\"",
                    damaged.name(),
                    voters,
                    leader.map(NodeId::toString).orElse("none"),
                    what);
            return false;
        }
        if (replicas.describe(leader.get(), damaged.id(), false).join().getDamaged()) {
            LOG.warn(
                    "damaged, left as it is until a whole replica leads partition={} leader={}",
                    damaged.name(),
                    leader.get());
            return false;
        }
        replicas.dismiss(leader.get(), damaged.id(), self, DISMISS_TIMEOUT).join();
        closing.setAside(damaged.id(), what);
        return true;
    }

    /** Others are rebuilt from the leader: let it be a whole one. */
    private void giveUpLead(RatisGroup group) {
        Set<NodeId> whole = wholeOthers(group);
        new LeaderHandover(self, whole::contains, scheduler, nanoClock).run(List.of(group), HAND_OVER);
        if (leads(group) && !whole.isEmpty()) {
            group.stepDown(STEP_DOWN).join();
        }
    }

    private Set<NodeId> wholeOthers(RatisGroup group) {
        Map<PeerId, Long> lags = group.status().lags();
        Map<NodeId, CompletableFuture<ReplicaStatus>> asked = new HashMap<>();
        for (PeerId voter : group.members().voters()) {
            boolean caughtUp = lags.getOrDefault(voter, Long.MAX_VALUE) <= LAG_MAX;
            if (caughtUp && alive.test(voter.node())) {
                asked.put(voter.node(), replicas.describe(voter.node(), group.id(), false));
            }
        }
        Set<NodeId> whole = new HashSet<>();
        asked.forEach((node, answer) -> {
            try {
                ReplicaStatus status = answer.join();
                if (!status.getDamaged() && status.getRole().equals(Leadership.Role.FOLLOWER.name())) {
                    whole.add(node);
                }
            } catch (CompletionException e) {
                LOG.info("replica not asked whether it is whole group={} node={}", group.id(), node, e);
            }
        });
        return whole;
    }

    private static boolean leads(RatisGroup group) {
        return group.leadership().role() == Leadership.Role.LEADER;
    }
}
