package io.gq.broker.metadata;

import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.peer.PeerTable;
import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ListenerAddress;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.controller.topic.TopicConfig;
import io.gq.core.NodeId;
import io.gq.core.TopicPartition;
import io.gq.proto.v1.BrokerInfo;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.PartitionInfo;
import io.gq.proto.v1.TopicInfo;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** The image and the soft state beside it, in the words of the wire. Safe for use by many threads. */
public final class MetadataAnswers {

    private final LeaderTable leaders;
    private final PeerTable peers;
    private final Predicate<NodeId> heard;
    private final Function<TopicImage, TopicConfig> configInForce;

    /** @param heard whether a node was heard of lately; this node always was */
    public MetadataAnswers(
            LeaderTable leaders,
            PeerTable peers,
            Predicate<NodeId> heard,
            Function<TopicImage, TopicConfig> configInForce) {
        this.leaders = leaders;
        this.peers = peers;
        this.heard = heard;
        this.configInForce = configInForce;
    }

    public TopicInfo topic(TopicImage topic) {
        TopicInfo.Builder info = TopicInfo.newBuilder()
                .setName(topic.name())
                .setId(Wire.topicId(topic.id()))
                .putAllConfig(configInForce.apply(topic).values());
        topic.partitions().forEach(p -> info.addPartitions(partition(topic.name(), p)));
        return info.build();
    }

    /** @param listener of the caller: the broker is told by its address of the same name */
    public BrokerInfo broker(ClusterImage image, BrokerImage broker, String listener) {
        NodeId node = broker.node();
        int replicas = 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                replicas += partition.hasReplicaOn(node) ? 1 : 0;
            }
        }
        BrokerInfo.Builder info = BrokerInfo.newBuilder()
                .setNodeId(node.value())
                .setEndpoint(endpoint(broker, listener))
                .setRack(broker.rack())
                .setAlive(broker.alive() && heard.test(node))
                .setIncarnation(broker.incarnation())
                .setReplicas(replicas)
                .setLeaders((int) leaders.ledBy(node, image::knowsGroup));
        broker.listeners().forEach((name, address) -> info.putListeners(name, endpoint(address)));
        return info.build();
    }

    /** Where clients of that listener reach the node; empty where it is not known. */
    public Optional<Endpoint> clientEndpoint(ClusterImage image, NodeId node, String listener) {
        Optional<Endpoint> heardOf = peers.endpoint(node, listener);
        return heardOf.isPresent() ? heardOf : image.broker(node).map(broker -> endpoint(broker, listener));
    }

    private PartitionInfo partition(String topic, PartitionImage partition) {
        PartitionInfo.Builder info = PartitionInfo.newBuilder()
                .setPartition(partition.partition())
                .setGroupId(partition.group().toString());
        leaders.leaderOf(partition.group())
                .ifPresentOrElse(
                        l -> info.setLeader(l.node().value()).setLeaderTerm(l.term()),
                        () -> Quorum.missing(new TopicPartition(topic, partition.partition()), partition, heard)
                                .ifPresent(e -> info.setError(ErrorMapping.toProto(e))));
        partition.replicas().forEach(node -> info.addReplicas(node.value()));
        return info.build();
    }

    private Endpoint endpoint(BrokerImage broker, String listener) {
        Optional<Endpoint> heardOf = peers.endpoint(broker.node(), listener);
        if (heardOf.isPresent()) {
            return heardOf.get();
        }
        ListenerAddress address = broker.listeners().get(listener);
        return address == null ? Endpoint.getDefaultInstance() : endpoint(address);
    }

    private static Endpoint endpoint(ListenerAddress address) {
        return Endpoint.newBuilder()
                .setHost(address.host())
                .setPort(address.port())
                .build();
    }
}
