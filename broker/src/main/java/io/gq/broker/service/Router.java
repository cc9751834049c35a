package io.gq.broker.service;

import io.gq.broker.host.HostedPartition;
import io.gq.broker.host.HostedPartitions;
import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.metadata.LeaderTable;
import io.gq.broker.metadata.Quorum;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.NotLeaderException;
import io.gq.core.TopicId;
import io.gq.core.TopicPartition;
import io.gq.core.replication.Leadership;
import io.gq.core.service.TopicSpec;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Finds the replica a request is for, and the words for why it cannot be served. Safe for use by many threads. */
public final class Router {

    private final NodeId self;
    private final ImageHolder images;
    private final HostedPartitions hosted;
    private final LeaderTable leaders;
    private final Predicate<NodeId> alive;

    /** @param alive whether a node was heard of lately */
    public Router(
            NodeId self, ImageHolder images, HostedPartitions hosted, LeaderTable leaders, Predicate<NodeId> alive) {
        this.self = self;
        this.images = images;
        this.hosted = hosted;
        this.leaders = leaders;
        this.alive = alive;
    }

    /** @throws BrokerException UNKNOWN_TOPIC, UNKNOWN_TOPIC_ID, NOT_READY before the first image */
    public TopicImage topic(TopicSpec spec) {
        ClusterImage image = images.image();
        if (image.clusterId().isEmpty()) {
            throw new BrokerException(
                    ErrorCode.NOT_READY, "node " + self + ": no cluster metadata yet (expected: a controller leader)");
        }
        if (spec.id().isPresent()) {
            TopicId id = spec.id().get();
            TopicImage byId = image.topic(id).orElse(null);
            if (byId != null && (spec.name().isEmpty() || spec.name().equals(byId.name()))) {
                return byId;
            }
            throw new BrokerException(
                    image.topic(spec.name()).isPresent() ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC,
                    "topic: '" + spec.name() + "' with id " + id + " (expected: an existing topic)");
        }
        return image.topic(spec.name())
                .orElseThrow(() -> new BrokerException(
                        ErrorCode.UNKNOWN_TOPIC, "topic: '" + spec.name() + "' (expected: an existing topic)"));
    }

    /** @throws BrokerException UNKNOWN_PARTITION */
    public static PartitionImage partition(TopicImage topic, int partition) {
        return topic.partition(partition)
                .orElseThrow(() -> new BrokerException(
                        ErrorCode.UNKNOWN_PARTITION,
                        "partition: " + partition + " of topic '" + topic.name() + "' (expected: 0 to "
                                + (topic.partitions().size() - 1) + ")"));
    }

    /** The replica hosted here. @throws BrokerException also NOT_LEADER, LEADER_NOT_AVAILABLE or NO_QUORUM where it is elsewhere */
    public HostedPartition replica(TopicSpec spec, int partition) {
        TopicImage topic = topic(spec);
        PartitionImage image = partition(topic, partition);
        return hosted.find(image.group()).orElseThrow(() -> elsewhere(topic, image));
    }

    /** The replica hosted here, where it leads and is ready. */
    public HostedPartition leader(TopicSpec spec, int partition) {
        HostedPartition replica = replica(spec, partition);
        Leadership leadership = replica.group().leadership();
        if (leadership.role() == Leadership.Role.LEADER && leadership.ready()) {
            return replica;
        }
        TopicImage topic = topic(spec);
        throw elsewhere(topic, partition(topic, partition));
    }

    /** Why this node does not answer for the partition. */
    public BrokerException elsewhere(TopicImage topic, PartitionImage partition) {
        TopicPartition name = new TopicPartition(topic.name(), partition.partition());
        Optional<LeaderTable.Leader> leader =
                leaders.leaderOf(partition.group()).filter(l -> !l.node().equals(self));
        if (leader.isPresent()) {
            return new NotLeaderException(
                    "leader of " + name + ": asked node " + self + " (expected: node "
                            + leader.get().node() + ")",
                    leader.map(LeaderTable.Leader::node),
                    leader.get().term());
        }
        return Quorum.missing(name, partition, node -> node.equals(self) || alive.test(node))
                .orElseGet(() -> new NotLeaderException(
                        "leader of " + name + ": none at the moment (expected: an elected one)", Optional.empty(), 0));
    }

    /** The replicas' nodes that have not been heard of lately. */
    public List<NodeId> missing(PartitionImage partition) {
        return partition.replicas().stream()
                .filter(node -> !node.equals(self) && !alive.test(node))
                .toList();
    }
}
