package io.gq.raft;

import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import java.util.List;
import java.util.Map;

/**
 * A group as this replica sees it.
 *
 * @param lastIndex index of the last entry in this replica's log, -1 where there is none
 * @param commitIndex last index this replica knows to be committed
 * @param appliedIndex last index this replica has applied
 * @param checkpointIndex last index whose effect is durable in the machine here
 * @param lags on the leader: how many entries each other member's commit index, as of its last answer, is behind the leader's last entry; else empty
 */
public record GroupStatus(
        Leadership leadership,
        List<PeerId> voters,
        List<PeerId> learners,
        long lastIndex,
        long commitIndex,
        long appliedIndex,
        long checkpointIndex,
        Map<PeerId, Long> lags) {

    public GroupStatus {
        voters = List.copyOf(voters);
        learners = List.copyOf(learners);
        lags = Map.copyOf(lags);
    }
}
