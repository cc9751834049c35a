package io.gq.broker.host;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.raft.RaftHost;
import io.gq.raft.RaftHost.Presence;
import io.gq.raft.RatisGroup;
import io.gq.raft.StateMachineFactory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a replica of a group up, whatever its disk holds. An empty disk forms the group only where this very storage was named as a
 * founder and never held the group; in every other case it rejoins.
 *
 * <pre>
 *   never here, founder      create with the founders
 *   never here, no founder   rejoin
 *   here                     open; where it is damaged, or no longer a member: rejoin
 *   was here, files gone     rejoin
 *   may have forgotten       rejoin, and only then give up what is here
 * </pre>
 */
final class ReplicaOpening {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaOpening.class);

    private final PeerId self;
    private final RaftHost raft;
    private final StateMachineFactory factory;
    private final ReplicaRejoin rejoin;

    ReplicaOpening(PeerId self, RaftHost raft, StateMachineFactory factory, ReplicaRejoin rejoin) {
        this.self = self;
        this.raft = raft;
        this.factory = factory;
        this.rejoin = rejoin;
    }

    /**
     * A replica that is up.
     *
     * @param created it was made just now, with its group
     */
    record Opened(RatisGroup group, boolean created) {}

    /**
     * Opens what is here on the calling thread; waits for others on none.
     *
     * @param leader who leads the group now, asked when the replica must rejoin
     * @param joining called with the open replica before it is a member
     * @return completes when the replica is a member that has caught up
     */
    CompletableFuture<Opened> open(
            GroupId group, List<PeerId> founders, Supplier<Optional<NodeId>> leader, Consumer<RatisGroup> joining) {
        Presence presence = raft.presence(group);
        if (presence == Presence.NONE && founders.contains(self)) {
            return CompletableFuture.completedFuture(new Opened(raft.open(group, founders, factory), true));
        }
        if (presence == Presence.PRESENT) {
            Optional<RatisGroup> open = openFiles(group);
            if (open.isPresent() && open.get().members().contains(self.node())) {
                return CompletableFuture.completedFuture(new Opened(open.get(), false));
            }
        }
        if (presence == Presence.DISTRUSTED
                && leader.get().filter(node -> !node.equals(self.node())).isEmpty()) {
            throw distrusted(group);
        }
        return rejoin.run(group, leader, term -> joining.accept(raft.openEmpty(group, term, factory)))
                .thenApply(member -> new Opened(raft.group(group).orElseThrow(() -> closedMeanwhile(group)), false));
    }

    private Optional<RatisGroup> openFiles(GroupId group) {
        try {
            return Optional.of(raft.open(group, List.of(), factory));
        } catch (BrokerException e) {
            if (e.code() != ErrorCode.REPLICA_DAMAGED) {
                throw e;
            }
            LOG.error("replica is damaged and will be rebuilt from its peers group={} cause={}", group, e.getMessage());
            return Optional.empty();
        }
    }

    /** Why a replica that may have forgotten records is not open, and what it waits for. */
    static BrokerException distrusted(GroupId group) {
        return new BrokerException(
                ErrorCode.NO_QUORUM,
                "group " + group
                        + ": the machine of this replica went down before all of its acknowledged records were synced"
                        + " (expected: a leader among the replicas on other machines, which takes it in anew; bring them back; where a majority went down: gq-admin recover-replicated)");
    }

    private static BrokerException closedMeanwhile(GroupId group) {
        return new BrokerException(ErrorCode.NOT_READY, "group " + group + ": closed while it rejoined");
    }
}
