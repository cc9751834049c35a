package io.gq.broker.host;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.time.Scheduler;
import io.gq.raft.RatisGroup;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
    private final ReplicaOpening opening;
    private final Supplier<Optional<NodeId>> leader;
    private final RetryingTask task;
    private volatile @Nullable RatisGroup replica;

    /** @param leader who leads the controller group, as far as this node can find out without being a member */
    ControllerHost(
            PeerId self,
            String clusterId,
            List<PeerId> founders,
            ReplicaOpening opening,
            Supplier<Optional<NodeId>> leader,
            Executor executor,
            Scheduler scheduler) {
        this.self = self;
        this.group = groupOf(clusterId);
        this.founders = List.copyOf(founders);
        this.opening = opening;
        this.leader = leader;
        this.task = new RetryingTask("controller group", this::reconcile, executor, scheduler);
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
        task.ask();
    }

    public void stop() {
        task.stop();
    }

    /** The replica stopped by itself. */
    public void failed() {
        replica = null;
        task.ask();
    }

    /** The replica, once it is open and a member. */
    public Optional<RatisGroup> replica() {
        return Optional.ofNullable(replica);
    }

    private CompletableFuture<?> reconcile() {
        if (replica != null) {
            return CompletableFuture.completedFuture(null);
        }
        return opening.open(group, founders, leader, joining -> {}).thenAccept(opened -> {
            replica = opened.group();
            LOG.info("controller replica open group={} as={}", group, self);
        });
    }
}
