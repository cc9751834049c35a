package io.gq.broker.host;

import io.gq.broker.data.GroupRegistry;
import io.gq.broker.data.GroupState;
import io.gq.broker.metadata.LeaderTable;
import io.gq.controller.image.ClusterImage.GroupImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.topic.TopicConfig;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.TopicPartition;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.raft.RaftHost;
import io.gq.raft.RatisGroup;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens, rebuilds and deletes the replicas of this node. One thread at a time for each group; any thread for the rest. */
public final class PartitionHost {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionHost.class);

    private final PeerId self;
    private final RaftHost raft;
    private final PartitionMachines machines;
    private final HostedPartitions hosted;
    private final GroupRegistry registry;
    private final LeaderTable leaders;
    private final ReplicaRejoin rejoin;
    private final Function<GroupImage, TopicConfig> configInForce;

    public PartitionHost(
            PeerId self,
            RaftHost raft,
            PartitionMachines machines,
            HostedPartitions hosted,
            GroupRegistry registry,
            LeaderTable leaders,
            ReplicaRejoin rejoin,
            Function<GroupImage, TopicConfig> configInForce) {
        this.self = self;
        this.raft = raft;
        this.machines = machines;
        this.hosted = hosted;
        this.registry = registry;
        this.leaders = leaders;
        this.rejoin = rejoin;
        this.configInForce = configInForce;
    }

    /** Whether the replica is open and whole. */
    boolean isOpen(GroupId group) {
        return hosted.find(group).map(HostedPartition::serving).orElse(false);
    }

    /** The first creation of a group, together with its other founders. */
    void create(GroupImage assigned) throws Exception {
        PartitionImage partition = assigned.partition();
        RatisGroup group = raft.open(partition.group(), partition.founders());
        add(assigned, group, true);
        if (partition.preferredLeader().equals(self.node())) {
            group.startElection();
        }
    }

    /** Opens what the disk holds; false where that is damaged and was set aside. */
    boolean open(GroupImage assigned) throws Exception {
        PartitionImage partition = assigned.partition();
        try {
            add(assigned, raft.open(partition.group(), partition.founders()), true);
            return true;
        } catch (DamagedReplicaException e) {
            LOG.error("damaged replica group={} partition={} cause={}", partition.group(), name(assigned), e.getMessage());
            return false;
        }
    }

    /** Rebuilds the replica from its peers. */
    void rejoin(GroupImage assigned) throws IOException, InterruptedException {
        GroupId group = assigned.partition().group();
        hosted.remove(group);
        rejoin.run(
                group,
                () -> leaders.leaderOf(group).map(LeaderTable.Leader::node),
                () -> registry.put(group, GroupState.REBUILDING),
                () -> add(assigned, raft.group(group).orElseThrow(), false));
        registry.put(group, GroupState.OPEN);
        hosted.find(group).ifPresent(HostedPartition::serve);
    }

    /** The topic's settings may have changed. */
    void reconfigure(GroupImage assigned) {
        hosted.find(assigned.partition().group()).ifPresent(p -> {
            TopicConfig config = configInForce.apply(assigned);
            p.messageBytesMax(config.maxMessageSize());
            p.machine().reconfigure(machines.config(config));
        });
    }

    void delete(GroupId group) throws IOException {
        close(group);
        raft.delete(group);
    }

    /** The replica is closed or closing: it serves no more. */
    public Optional<HostedPartition> close(GroupId group) {
        Optional<HostedPartition> closed = hosted.remove(group);
        closed.ifPresent(p -> p.waiters().wake());
        return closed;
    }

    private void add(GroupImage assigned, RatisGroup group, boolean serving) {
        hosted.add(machines.host(assigned, name(assigned), group, configInForce.apply(assigned), serving));
    }

    private static TopicPartition name(GroupImage assigned) {
        return new TopicPartition(
                assigned.topic().name(), assigned.partition().partition());
    }

}
