package io.gq.broker.host;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a replica whose stored bytes fail their checksum. Nothing reads them without noticing, so there is time to do it in
 * the order that costs least: a leader hands over, then the replica is closed, set aside and rebuilt from its peers.
 *
 * <pre>
 *   others are no majority   stays as it is: without it the group could not even take it out; what is whole can still be read
 *   leads                    hands over, then as below; goes on where nobody takes over in time
 *   else                     set aside and rebuilt
 * </pre>
 *
 * <p>Safe for use by many threads.
 */
final class ReplicaRepair {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRepair.class);
    private static final Duration HAND_OVER = Duration.ofSeconds(5);

    private final NodeId self;
    private final Function<GroupId, Optional<HostedPartition>> hosted;
    private final Predicate<NodeId> alive;
    private final LeaderHandover handover;
    private final BiConsumer<GroupId, String> setAside;
    private final Executor executor;
    private final Set<GroupId> underWay = ConcurrentHashMap.newKeySet();

    /**
     * @param alive whether a node was heard of lately and does not stop itself
     * @param setAside closes the replica, sets it aside and has it rebuilt
     * @param executor runs what may wait
     */
    ReplicaRepair(
            NodeId self,
            Function<GroupId, Optional<HostedPartition>> hosted,
            Predicate<NodeId> alive,
            LeaderHandover handover,
            BiConsumer<GroupId, String> setAside,
            Executor executor) {
        this.self = self;
        this.hosted = hosted;
        this.alive = alive;
        this.handover = handover;
        this.setAside = setAside;
        this.executor = executor;
    }

    /** Returns at once; harmless to repeat. */
    void damaged(GroupId group, String what) {
        if (underWay.add(group)) {
            executor.execute(() -> {
                try {
                    hosted.apply(group).ifPresent(partition -> repair(partition, what));
                } catch (RuntimeException e) {
                    LOG.warn("damaged replica not repaired yet group={} cause={}", group, e.toString());
                } finally {
                    underWay.remove(group);
                }
            });
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

    private void repair(HostedPartition partition, String what) {
        if (partition.serving()) {
            List<PeerId> voters = partition.group().members().voters();
            if (!othersAreMajority(voters, self, alive)) {
                LOG.error(
                        "damaged, left as it is while the others alive are no majority partition={} voters={} what=\"{}\"",
                        partition.name(),
                        voters,
                        what);
                return;
            }
            if (partition.group().leadership().role() == Leadership.Role.LEADER) {
                handover.run(List.of(partition.group()), HAND_OVER);
            }
        }
        setAside.accept(partition.id(), what);
    }
}
