package io.gq.controller;

import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.controller.image.ListenerAddress;
import io.gq.controller.image.TopicImage;
import io.gq.controller.placement.BrokerLoad;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.SetBrokerState;
import io.gq.testing.ManualClock;
import io.gq.testing.Seeds;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A cluster's metadata changed by proposals as the controller's leader makes them, without a log. */
public final class TestCluster {

    public static final String CLUSTER_ID = "0b7c1f5e-6a57-4c1e-9a44-5d5a0e1d7a11";

    public final ManualClock clock = new ManualClock();
    public final Map<NodeId, BrokerLoad> loads = new HashMap<>();
    public final ControllerProposals proposals;
    public ClusterImage image = ClusterImage.EMPTY;

    public TestCluster(long seed) {
        this(seed, ControllerConfig.defaults());
    }

    public TestCluster(long seed, ControllerConfig config) {
        this.proposals = new ControllerProposals(clock, Seeds.of(seed).random(), config);
    }

    /** A founded cluster with nodes 1 to {@code brokers}, all alive. */
    public static TestCluster of(int brokers) {
        TestCluster cluster = new TestCluster(brokers);
        cluster.take(cluster.proposals.foundCluster(cluster.image, CLUSTER_ID));
        for (int node = 1; node <= brokers; node++) {
            cluster.register(node, 1);
        }
        return cluster;
    }

    public ClusterImage take(Proposal proposal) {
        image = proposal.preview();
        return image;
    }

    /** Decides a command as a replica would, and takes it where it is accepted. */
    public Decision decide(ControllerCommand command) {
        Decision decision = CommandDecider.decide(image, command);
        image = decision.image();
        return decision;
    }

    public void register(int node, long processEpoch) {
        register(node, incarnation(node), processEpoch, "");
    }

    public void register(int node, String incarnation, long processEpoch, String rack) {
        take(proposals.registerBroker(
                image, new PeerId(new NodeId(node), incarnation), processEpoch, rack, listeners(node)));
    }

    public void setAlive(int node, boolean alive) {
        BrokerImage broker = image.broker(new NodeId(node)).orElseThrow();
        take(proposals.setBrokerState(
                image,
                SetBrokerState.newBuilder()
                        .setNodeId(node)
                        .setProcessEpoch(broker.processEpoch())
                        .setAlive(alive)
                        .build()));
    }

    public TopicImage create(String name, int partitions, int replicas) {
        take(proposals.createTopic(image, loads, new NewTopic(name, partitions, replicas, Map.of())));
        return topic(name);
    }

    public TopicImage topic(String name) {
        return image.topic(name).orElseThrow();
    }

    public static TopicSpec named(String name) {
        return new TopicSpec(Optional.empty(), name);
    }

    public static TopicSpec named(String name, TopicId id) {
        return new TopicSpec(Optional.of(id), name);
    }

    public static String incarnation(int node) {
        return String.format("%016x", 0xa0L + node);
    }

    public static Map<String, ListenerAddress> listeners(int node) {
        return Map.of(
                "grpc", new ListenerAddress("127.0.0.1", 9091 + node),
                "raft", new ListenerAddress("::1", 8000 + node));
    }

    public static List<NodeId> nodes(int... nodes) {
        return Arrays.stream(nodes).mapToObj(NodeId::new).toList();
    }
}
