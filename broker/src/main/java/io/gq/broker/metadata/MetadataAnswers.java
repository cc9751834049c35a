package io.gq.broker.metadata;

import io.gq.broker.peer.PeerTable;
import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ListenerAddress;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.controller.topic.TopicConfig;
import io.gq.core.NodeId;
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
    private final String clientListener;

    /**
     * @param heard whether a node was heard of lately; this node always was
     * @param clientListener name of the listener clients are sent to
     */
    public MetadataAnswers(
            LeaderTable leaders,
            PeerTable peers,
            Predicate<NodeId> heard,
            Function<TopicImage, TopicConfig> configInForce,
            String clientListener) {
        this.leaders = leaders;
        this.peers = peers;
        this.heard = heard;
        this.configInForce = configInForce;
        this.clientListener = clientListener;
    }

    public TopicInfo topic(TopicImage topic) {
        TopicInfo.Builder info = TopicInfo.newBuilder()
                .setName(topic.name())
                .setId(Wire.topicId(topic.id()))
                .putAllConfig(configInForce.apply(topic).values());
        topic.partitions().forEach(p -> info.addPartitions(partition(p)));
        return info.build();
    }

    public BrokerInfo broker(ClusterImage image, BrokerImage broker) {
        NodeId node = broker.node();
        int replicas = 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                replicas += partition.hasReplicaOn(node) ? 1 : 0;
            }
        }
        BrokerInfo.Builder info = BrokerInfo.newBuilder()
                .setNodeId(node.value())
                .setEndpoint(endpoint(broker))
                .setRack(broker.rack())
                .setAlive(broker.alive() && heard.test(node))
                .setIncarnation(broker.incarnation())
                .setReplicas(replicas)
                .setLeaders((int) leaders.ledBy(node, image::knowsGroup));
        broker.listeners().forEach((name, address) -> info.putListeners(name, endpoint(address)));
        return info.build();
    }

    /** Where clients reach the node; empty where it is not known. */
    public Optional<Endpoint> clientEndpoint(ClusterImage image, NodeId node) {
        Optional<Endpoint> heardOf = peers.endpoint(node, clientListener);
        return heardOf.isPresent() ? heardOf : image.broker(node).map(this::endpoint);
    }

    private PartitionInfo partition(PartitionImage partition) {
        PartitionInfo.Builder info = PartitionInfo.newBuilder()
                .setPartition(partition.partition())
                .setGroupId(partition.group().toString());
        leaders.leaderOf(partition.group())
                .ifPresent(l -> info.setLeader(l.node().value()).setLeaderTerm(l.term()));
        partition.replicas().forEach(node -> info.addReplicas(node.value()));
        return info.build();
    }

    private Endpoint endpoint(BrokerImage broker) {
        Optional<Endpoint> heardOf = peers.endpoint(broker.node(), clientListener);
        if (heardOf.isPresent()) {
            return heardOf.get();
        }
        ListenerAddress address = broker.listeners().get(clientListener);
        return address == null ? Endpoint.getDefaultInstance() : endpoint(address);
    }

    private static Endpoint endpoint(ListenerAddress address) {
        return Endpoint.newBuilder()
                .setHost(address.host())
                .setPort(address.port())
                .build();
    }
}
