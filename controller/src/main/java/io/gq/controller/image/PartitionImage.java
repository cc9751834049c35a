package io.gq.controller.image;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.util.HashSet;
import java.util.List;

/**
 * A partition and its Raft group.
 *
 * @param group drawn when the partition was made, never used again
 * @param founders node and storage incarnation of each replica when the partition was made, the preferred leader first: only these
 *     may form the group from nothing. A replica that has rejoined since has another incarnation; its node is the same
 */
public record PartitionImage(int partition, GroupId group, List<PeerId> founders) {

    public PartitionImage {
        if (partition < 0) {
            throw new IllegalArgumentException("partition: " + partition + " (expected: >= 0)");
        }
        founders = List.copyOf(founders);
        if (founders.isEmpty()) {
            throw new IllegalArgumentException("partition " + partition + ": no replicas (expected: >= 1)");
        }
        HashSet<NodeId> nodes = new HashSet<>();
        for (PeerId founder : founders) {
            if (!nodes.add(founder.node())) {
                throw new IllegalArgumentException(
                        "partition " + partition + ": node " + founder.node() + " twice (expected: distinct replicas)");
            }
        }
    }

    /** The nodes that hold it, the preferred leader first. */
    public List<NodeId> replicas() {
        return founders.stream().map(PeerId::node).toList();
    }

    public boolean hasReplicaOn(NodeId node) {
        for (PeerId founder : founders) {
            if (founder.node().equals(node)) {
                return true;
            }
        }
        return false;
    }

    public NodeId preferredLeader() {
        return founders.get(0).node();
    }
}
