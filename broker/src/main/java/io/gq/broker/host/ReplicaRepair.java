package io.gq.broker.host;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.Leadership;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a replica whose stored bytes fail their checksum. Nothing reads them without noticing, so there is time to do it in
 * the order that costs least: a leader hands over, then the replica is closed, set aside and rebuilt from its peers.
 *
 * <pre>
 *   the only replica              stays as it is: what is whole can still be read
 *   another one is out already    stays until that one is back: two at a time could leave no majority
 *   leads                         hands over, then as below; goes on where nobody takes over in time
 *   else                          set aside and rebuilt
 * </pre>
 *
 * <p>Safe for use by many threads.
 */
final class ReplicaRepair {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRepair.class);
    private static final Duration HAND_OVER = Duration.ofSeconds(5);

    private final NodeId self;
    private final Function<GroupId, Optional<HostedPartition>> hosted;
    private final Function<GroupId, Integer> replicas;
    private final LeaderHandover handover;
    private final BiConsumer<GroupId, String> setAside;
    private final Executor executor;
    private final Set<GroupId> underWay = ConcurrentHashMap.newKeySet();

    /**
     * @param replicas how many replicas a group is assigned
     * @param setAside closes the replica, sets it aside and has it rebuilt
     * @param executor runs what may wait
     */
    ReplicaRepair(
            NodeId self,
            Function<GroupId, Optional<HostedPartition>> hosted,
            Function<GroupId, Integer> replicas,
            LeaderHandover handover,
            BiConsumer<GroupId, String> setAside,
            Executor executor) {
        this.self = self;
        this.hosted = hosted;
        this.replicas = replicas;
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
                } finally {
                    underWay.remove(group);
                }
            });
        }
    }

    private void repair(HostedPartition partition, String what) {
        if (partition.serving()) {
            long others = partition.group().members().voters().stream()
                    .filter(peer -> !peer.node().equals(self))
                    .count();
            if (others == 0) {
                LOG.error("damaged and the only replica, left as it is partition={} what=\"{}\"", partition.name(), what);
                return;
            }
            if (others + 1 < replicas.apply(partition.id())) {
                LOG.warn(
                        "damaged, left until the group is complete again partition={} voters={} what=\"{}\"",
                        partition.name(),
                        others + 1,
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
