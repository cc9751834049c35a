package io.gq.broker.host;

import io.gq.broker.peer.ReplicaClient;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a replica whose disk is empty or damaged back into its group without it ever voting on what it forgot: its old member is taken
 * out by a committed configuration, the replica opens with nothing, and the leader takes it in as a new member that copies everything
 * before it counts. Every step may be repeated.
 */
final class ReplicaRejoin {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRejoin.class);
    private static final Duration DISMISS_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration ADMIT_TIMEOUT = Duration.ofMinutes(10);

    /** Opens the replica with what its disk still holds of it, which may be nothing. */
    interface Opening {
        /** @param dismissalTerm nothing is to be taken from leaders of earlier terms */
        void open(long dismissalTerm);
    }

    private final PeerId self;
    private final ReplicaClient replicas;
    private final Executor executor;

    /** @param executor opens replicas */
    ReplicaRejoin(PeerId self, ReplicaClient replicas, Executor executor) {
        this.self = self;
        this.replicas = replicas;
        this.executor = executor;
    }

    /**
     * Holds no thread while it waits for others.
     *
     * @param leader who leads the group now
     * @param opening runs once the old member is out
     * @return completes when the replica is a member that has caught up; exceptionally, retriable, where the leader refuses for now
     * @throws BrokerException retriable, where the leader is not known
     */
    CompletableFuture<Void> run(GroupId group, Supplier<Optional<NodeId>> leader, Opening opening) {
        LOG.info("rejoining group={} as={}", group, self);
        return replicas.dismiss(leading(group, leader), group, self.node(), DISMISS_TIMEOUT)
                .thenAcceptAsync(opening::open, executor)
                .thenCompose(open -> replicas.admit(leading(group, leader), group, self, ADMIT_TIMEOUT))
                .thenRun(() -> LOG.info("rejoined group={} as={}", group, self));
    }

    private NodeId leading(GroupId group, Supplier<Optional<NodeId>> leader) {
        return leader.get()
                .filter(node -> !node.equals(self.node()))
                .orElseThrow(() -> new BrokerException(
                        ErrorCode.LEADER_NOT_AVAILABLE,
                        "leader of group " + group + ": none known (expected: one that takes this replica in)"));
    }
}
