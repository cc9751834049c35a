package io.gq.broker.host;

import io.gq.broker.metadata.LeaderTable;
import io.gq.controller.image.ClusterImage.GroupImage;
import io.gq.controller.image.PartitionImage;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.time.Scheduler;
import io.gq.raft.RaftHost;
import io.gq.raft.RatisGroup;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Opens, rebuilds, closes and deletes the replicas of this node. One thread at a time for each group. */
public final class PartitionHost {

    /** For the other replicas to open the group as well. */
    private static final Duration FIRST_ELECTION = Duration.ofMillis(80);

    private static final Duration ELECTION_STEP = Duration.ofMillis(250);

    private final PeerId self;
    private final RaftHost raft;
    private final PartitionMachines machines;
    private final HostedPartitions hosted;
    private final LeaderTable leaders;
    private final ReplicaOpening opening;
    private final Scheduler scheduler;

    PartitionHost(
            PeerId self,
            RaftHost raft,
            PartitionMachines machines,
            HostedPartitions hosted,
            LeaderTable leaders,
            ReplicaOpening opening,
            Scheduler scheduler) {
        this.self = self;
        this.raft = raft;
        this.machines = machines;
        this.hosted = hosted;
        this.leaders = leaders;
        this.opening = opening;
        this.scheduler = scheduler;
    }

    /** Whether the replica is open and whole. */
    boolean isOpen(GroupId group) {
        return hosted.find(group).map(HostedPartition::serving).orElse(false);
    }

    /** Brings the replica up. The result completes when it is whole. */
    CompletableFuture<Void> open(GroupImage assigned) {
        PartitionImage partition = assigned.partition();
        return opening.open(
                        partition.group(),
                        partition.founders(),
                        () -> leaders.leaderOf(partition.group()).map(LeaderTable.Leader::node),
                        joining -> hosted.add(machines.host(assigned, joining)))
                .thenAccept(opened -> opened(assigned, opened));
    }

    private void opened(GroupImage assigned, ReplicaOpening.Opened opened) {
        PartitionImage partition = assigned.partition();
        HostedPartition replica = machines.host(assigned, opened.group());
        replica.serve();
        hosted.add(replica);
        if (opened.created()) {
            scheduler.after(
                    FIRST_ELECTION.plus(
                            ELECTION_STEP.multipliedBy(partition.replicas().indexOf(self.node()))),
                    () -> electFirst(opened.group()));
        }
    }

    /**
     * The first election of a new group, the preferred leader's turn first. One that comes before a majority has opened the group fails,
     * and the same replica may then not be made to stand again; so the next one is.
     */
    private static void electFirst(RatisGroup group) {
        if (group.leadership().leader().isEmpty()) {
            group.startElection();
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
