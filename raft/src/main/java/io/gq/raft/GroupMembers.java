package io.gq.raft;

import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.util.List;

/** The members of a group's present configuration. */
public record GroupMembers(List<PeerId> voters, List<PeerId> learners) {

    public GroupMembers {
        voters = List.copyOf(voters);
        learners = List.copyOf(learners);
    }

    /** True where any incarnation of the node is a member. */
    public boolean contains(NodeId node) {
        return voters.stream().anyMatch(peer -> peer.node().equals(node))
                || learners.stream().anyMatch(peer -> peer.node().equals(node));
    }
}
