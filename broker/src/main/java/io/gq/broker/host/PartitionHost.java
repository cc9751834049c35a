package io.gq.broker.host;

import io.gq.broker.metadata.LeaderTable;
import io.gq.controller.image.ClusterImage.GroupImage;
import io.gq.controller.image.PartitionImage;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.raft.RaftHost;

/** Opens, rebuilds, closes and deletes the replicas of this node. One thread at a time for each group. */
public final class PartitionHost {

    private final PeerId self;
    private final RaftHost raft;
    private final PartitionMachines machines;
    private final HostedPartitions hosted;
    private final LeaderTable leaders;
    private final ReplicaOpening opening;

    PartitionHost(
            PeerId self,
            RaftHost raft,
            PartitionMachines machines,
            HostedPartitions hosted,
            LeaderTable leaders,
            ReplicaOpening opening) {
        this.self = self;
        this.raft = raft;
        this.machines = machines;
        this.hosted = hosted;
        this.leaders = leaders;
        this.opening = opening;
    }

    /** Whether the replica is open and whole. */
    boolean isOpen(GroupId group) {
        return hosted.find(group).map(HostedPartition::serving).orElse(false);
    }

    /** Brings the replica up; blocks until it is whole. */
    void open(GroupImage assigned) throws InterruptedException {
        PartitionImage partition = assigned.partition();
        ReplicaOpening.Opened opened = opening.open(
                partition.group(),
                partition.founders(),
                () -> leaders.leaderOf(partition.group()).map(LeaderTable.Leader::node),
                joining -> hosted.add(machines.host(assigned, joining)));
        HostedPartition replica = machines.host(assigned, opened.group());
        replica.serve();
        hosted.add(replica);
        if (opened.created() && partition.preferredLeader().equals(self.node())) {
            opened.group().startElection();
        }
    }

    /** The topic's settings may have changed. */
    void reconfigure(GroupImage assigned) {
        hosted.find(assigned.partition().group()).ifPresent(p -> p.reconfigure(machines.config(assigned)));
    }

    /** Whether anything of the group is on this node. */
    boolean holds(GroupId group) {
        return raft.presence(group) != RaftHost.Presence.NONE;
    }

    void delete(GroupId group) {
        closed(group);
        raft.delete(group, machines);
    }

    /** The replica stopped, or is about to. */
    void closed(GroupId group) {
        hosted.remove(group).ifPresent(HostedPartition::close);
    }

    /** Every group this node ever opened and has not deleted. */
    Iterable<GroupId> known() {
        return raft.known();
    }
}
