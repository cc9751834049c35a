package io.gq.broker.host;

import io.gq.broker.metadata.LeaderTable;
import io.gq.controller.image.ClusterImage.GroupImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.topic.TopicConfig.Durability;
import io.gq.core.GroupId;
import io.gq.raft.RaftHost;
import io.gq.raft.RatisGroup;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Opens, rebuilds, closes and deletes the replicas of this node. One thread at a time for each group. */
public final class PartitionHost {

    /** What the groups of one durability class are hosted by. */
    record Lane(RaftHost raft, PartitionMachines machines, ReplicaOpening opening) {}

    private final Map<Durability, Lane> lanes;
    private final Function<TopicImage, Durability> durability;
    private final HostedPartitions hosted;
    private final LeaderTable leaders;
    private final FirstElections firstElections;
    private final Runnable tellTheOthers;

    /**
     * @param lanes one for each class
     * @param durability the class of a topic, the same for ever
     * @param tellTheOthers sends a heartbeat soon
     */
    PartitionHost(
            Map<Durability, Lane> lanes,
            Function<TopicImage, Durability> durability,
            HostedPartitions hosted,
            LeaderTable leaders,
            FirstElections firstElections,
            Runnable tellTheOthers) {
        this.lanes = Map.copyOf(lanes);
        this.durability = durability;
        this.hosted = hosted;
        this.leaders = leaders;
        this.firstElections = firstElections;
        this.tellTheOthers = tellTheOthers;
    }

    private Lane lane(GroupImage assigned) {
        return Objects.requireNonNull(lanes.get(durability.apply(assigned.topic())));
    }

    /** Whether the replica is open and whole. */
    boolean isOpen(GroupId group) {
        return hosted.find(group).map(HostedPartition::serving).orElse(false);
    }

    /** Brings the replica up. The result completes when it is whole. */
    CompletableFuture<Void> open(GroupImage assigned) {
        PartitionImage partition = assigned.partition();
        Lane lane = lane(assigned);
        return lane.opening()
                .open(
                        partition.group(),
                        partition.founders(),
                        () -> leaders.leaderOf(partition.group()).map(LeaderTable.Leader::node),
                        joining -> hosted.add(lane.machines().host(assigned, joining)))
                .thenAccept(opened -> opened(assigned, opened));
    }

    private void opened(GroupImage assigned, ReplicaOpening.Opened opened) {
        PartitionImage partition = assigned.partition();
        HostedPartition replica = lane(assigned).machines().host(assigned, opened.group());
        replica.serve();
        hosted.add(replica);
        if (opened.created()) {
            firstElections.created(partition.group(), partition.replicas(), new NewReplica(opened.group()));
            tellTheOthers.run();
        } else {
            firstElections.forget(partition.group());
        }
    }

    private record NewReplica(RatisGroup group) implements FirstElections.Replica {
        @Override
        public boolean leaderKnown() {
            return group.leadership().leader().isPresent();
        }

        @Override
        public void stand() {
            group.startElection();
        }
    }

    /** The topic's settings may have changed. */
    void reconfigure(GroupImage assigned) {
        hosted.find(assigned.partition().group())
                .ifPresent(p -> p.reconfigure(lane(assigned).machines().config(assigned)));
    }

    /** Whether anything of the group is on this node. */
    boolean holds(GroupId group) {
        return lanes.values().stream().anyMatch(lane -> holds(lane, group));
    }

    private static boolean holds(Lane lane, GroupId group) {
        return lane.raft().presence(group) != RaftHost.Presence.NONE;
    }

    void delete(GroupId group) {
        closed(group);
        for (Lane lane : lanes.values()) {
            if (holds(lane, group)) {
                lane.raft().delete(group, lane.machines());
            }
        }
    }

    /** The replica stopped, or is about to. */
    void closed(GroupId group) {
        firstElections.forget(group);
        hosted.remove(group).ifPresent(HostedPartition::close);
    }

    /** Every group this node ever opened and has not deleted. */
    Iterable<GroupId> known() {
        Set<GroupId> known = new HashSet<>();
        lanes.values().forEach(lane -> known.addAll(lane.raft().known()));
        return known;
    }
}
