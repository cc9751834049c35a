package io.gq.broker.peer;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The replicas of this broker that vote. For any thread. */
public interface Electorate {

    /**
     * A follower whose leader may be the dead broker.
     *
     * @param term the highest it has seen
     * @param last its last entry
     * @param led it follows the dead broker; else it knows of no leader
     * @param voters nodes that vote in its group
     */
    record Orphan(long term, LogPosition last, boolean led, Set<NodeId> voters) {

        public Orphan {
            voters = Set.copyOf(voters);
        }
    }

    /** The followers here that follow the node, or that know of no leader in a group in which the node votes. */
    Map<GroupId, Orphan> orphans(NodeId dead);

    /** Whether appends of the node may still come in: it has a connection to a Raft server here that has not ended. */
    boolean hears(NodeId from);

    /** One of them, as it stands now; empty where it is none any more. */
    Optional<Orphan> orphan(GroupId group, NodeId dead);

    /** Starts an election; may wait for the disk. False where the replica may not stand. */
    boolean stand(GroupId group);

    /** Keeps the replica from standing by itself for one more election timeout. */
    void putOff(GroupId group);

    /** Whether the replica knows of a leader other than the node, or is no longer here. */
    boolean led(GroupId group, NodeId dead);
}
