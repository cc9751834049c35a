package io.gq.core.replication;

import io.gq.core.NodeId;
import java.util.Optional;

/**
 * Who leads a group, as this replica knows it now.
 *
 * @param ready this replica leads and has applied every entry of earlier terms
 */
public record Leadership(Role role, long term, Optional<NodeId> leader, boolean ready) {

    public enum Role {
        LEADER,
        FOLLOWER,
        CANDIDATE,
        LEARNER,
        CLOSED
    }
}
