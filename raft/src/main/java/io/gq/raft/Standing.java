package io.gq.raft;

import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import java.util.Optional;
import java.util.Set;

/**
 * What a follower needs to know of itself before it stands for election.
 *
 * @param leader whom it follows; empty where it knows of none in its term
 * @param term the highest it has seen
 * @param last its last entry, or its checkpoint where the log holds none
 * @param voters nodes that vote in the configuration in force here, this one among them
 */
public record Standing(Optional<NodeId> leader, long term, LogPosition last, Set<NodeId> voters) {

    public Standing {
        voters = Set.copyOf(voters);
    }
}
