package io.gq.broker.host;

import io.gq.broker.data.GroupRegistry;
import io.gq.broker.data.GroupState;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.time.Scheduler;
import io.gq.raft.RaftHost;
import io.gq.raft.RatisGroup;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's replica of the controller group. A founder creates it with the other founders; every other storage joins it as a new
 * member: configured controllers to vote, all others to listen. Safe for use by many threads.
 */
public final class ControllerHost {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerHost.class);

    private final PeerId self;
    private final GroupId group;
    private final List<PeerId> founders;
    private final RaftHost raft;
    private final GroupRegistry registry;
    private final ReplicaRejoin rejoin;
    private final Supplier<Optional<NodeId>> leader;
    private final RetryingTask opening;
    private volatile boolean open;

    /** @param leader who leads the controller group, as far as this node can find out without being a member */
    public ControllerHost(
            PeerId self,
            String clusterId,
            List<PeerId> founders,
            RaftHost raft,
            GroupRegistry registry,
            ReplicaRejoin rejoin,
            Supplier<Optional<NodeId>> leader,
            Executor executor,
            Scheduler scheduler) {
        this.self = self;
        this.group = groupOf(clusterId);
        this.founders = List.copyOf(founders);
        this.raft = raft;
        this.registry = registry;
        this.rejoin = rejoin;
        this.leader = leader;
        this.opening = new RetryingTask("controller group", this::reconcile, executor, scheduler);
    }

    /** The id every node of a cluster derives for its controller group. */
    public static GroupId groupOf(String clusterId) {
        return new GroupId(UUID.nameUUIDFromBytes(("gq-controller:" + clusterId).getBytes(StandardCharsets.UTF_8)));
    }

    public GroupId group() {
        return group;
    }

    /** Opens the replica, or brings it back, in the background. */
    public void start() {
        opening.ask();
    }

    public void stop() {
        opening.stop();
    }

    /** The replica stopped by itself. */
    public void failed() {
        open = false;
        opening.ask();
    }

    /** The replica, once it is open. */
    public Optional<RatisGroup> replica() {
        return open ? raft.group(group) : Optional.empty();
    }

    private void reconcile() throws Exception {
        if (open) {
            return;
        }
        GroupState state = registry.state(group).orElse(null);
        if (state == null && founders.contains(self)) {
            registry.put(group, GroupState.OPEN);
            raft.open(group, founders);
        } else if (state == GroupState.OPEN) {
            try {
                raft.open(group, founders);
            } catch (DamagedReplicaException e) {
                LOG.error("controller replica is damaged and will be rebuilt cause={}", e.getMessage());
                registry.put(group, GroupState.DAMAGED);
                join();
            }
        } else {
            join();
        }
        open = true;
        LOG.info("controller replica open group={} as={}", group, self);
    }

    private void join() throws Exception {
        rejoin.run(group, leader, () -> registry.put(group, GroupState.REBUILDING), () -> {});
        registry.put(group, GroupState.OPEN);
    }
}
