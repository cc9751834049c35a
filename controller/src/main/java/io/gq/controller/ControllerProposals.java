package io.gq.controller;

import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.controller.image.ListenerAddress;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.controller.placement.BrokerLoad;
import io.gq.controller.placement.Candidate;
import io.gq.controller.placement.ReplicaPlacer;
import io.gq.controller.topic.TopicConfig;
import io.gq.controller.topic.TopicSetting;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.core.TopicName;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.AddPartitionsCommand;
import io.gq.proto.v1.AllocateProducerIds;
import io.gq.proto.v1.AlterTopicCommand;
import io.gq.proto.v1.ConfirmDeletion;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.CreateTopicCommand;
import io.gq.proto.v1.DeleteTopicCommand;
import io.gq.proto.v1.FoundCluster;
import io.gq.proto.v1.PartitionAssignment;
import io.gq.proto.v1.RegisterBroker;
import io.gq.proto.v1.SetBrokerState;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Makes the commands the controller's leader proposes: everything that needs a clock, a random number or a view of the load happens
 * here, before the log. A request that would be refused is refused at once, with a {@link BrokerException}; between the proposal and
 * its turn in the log the image may change, so the answer to the proposal is what counts.
 *
 * <p>Changes nothing. Safe for use by many threads where the random generator is. Topics made from one image at the same time do not
 * see each other's load: propose them one after another.
 */
public final class ControllerProposals {

    private final InstantSource clock;
    private final RandomGenerator random;
    private final ControllerConfig config;

    public ControllerProposals(InstantSource clock, RandomGenerator random, ControllerConfig config) {
        this.clock = clock;
        this.random = random;
        this.config = config;
    }

    /** @param clusterId a UUID in lower case */
    public Proposal foundCluster(ClusterImage image, String clusterId) {
        return propose(
                image, command(image).setFoundCluster(FoundCluster.newBuilder().setClusterId(clusterId)));
    }

    /** @param processEpoch grows with each start of the process on this storage */
    public Proposal registerBroker(
            ClusterImage image, PeerId peer, long processEpoch, String rack, Map<String, ListenerAddress> listeners) {
        return propose(
                image,
                command(image)
                        .setRegisterBroker(RegisterBroker.newBuilder()
                                .setNodeId(peer.node().value())
                                .setIncarnation(peer.incarnation())
                                .setProcessEpoch(processEpoch)
                                .setRack(rack)
                                .putAllListeners(Wire.endpoints(listeners))));
    }

    /** @param change as {@link BrokerSessions#tick} says */
    public Proposal setBrokerState(ClusterImage image, SetBrokerState change) {
        return propose(image, command(image).setSetBrokerState(change));
    }

    /**
     * A topic with a new id, its partitions spread over the live brokers by their load.
     *
     * @param loads by node; a broker left out counts with its replicas only
     * @throws BrokerException INVALID_TOPIC, TOPIC_EXISTS, INVALID_CONFIG, INVALID_PARTITIONS, INVALID_REPLICAS
     */
    public Proposal createTopic(ClusterImage image, Map<NodeId, BrokerLoad> loads, NewTopic topic) {
        TopicName.check(topic.name());
        if (image.topic(topic.name()).isPresent()) {
            throw new BrokerException(
                    ErrorCode.TOPIC_EXISTS, "topic: '" + topic.name() + "' exists (expected: a new name)");
        }
        Map<String, String> settings = settings(topic.config());
        int partitions = topic.partitions() == 0 ? config.partitionsDefault() : topic.partitions();
        if (partitions < 1 || partitions > config.partitionsPerTopicMax()) {
            throw new BrokerException(
                    ErrorCode.INVALID_PARTITIONS,
                    "partitions: " + partitions + " (expected: 1 to " + config.partitionsPerTopicMax() + ")");
        }
        int replicas = topic.replicas() == 0
                ? Math.max(1, Math.min(config.replicasDefault(), image.brokers().size()))
                : topic.replicas();
        List<PartitionAssignment> assignments = assign(image, loads, topic.name(), 0, partitions, replicas);
        return propose(
                image,
                command(image)
                        .setCreateTopic(CreateTopicCommand.newBuilder()
                                .setName(topic.name())
                                .setTopicId(Wire.topicId(new TopicId(uuid())))
                                .addAllPartitions(assignments)
                                .putAllConfig(settings)));
    }

    /** @throws BrokerException UNKNOWN_TOPIC, UNKNOWN_TOPIC_ID */
    public Proposal deleteTopic(ClusterImage image, TopicSpec topic) {
        TopicImage found = find(image, topic);
        return propose(
                image,
                command(image)
                        .setDeleteTopic(DeleteTopicCommand.newBuilder()
                                .setName(found.name())
                                .setTopicId(Wire.topicId(found.id()))));
    }

    /**
     * @param unset settings that go back to the default
     * @throws BrokerException UNKNOWN_TOPIC, UNKNOWN_TOPIC_ID, INVALID_CONFIG
     */
    public Proposal alterTopic(ClusterImage image, TopicSpec topic, Map<String, String> set, List<String> unset) {
        TopicImage found = find(image, topic);
        for (String key : unset) {
            if (!found.config().containsKey(key)) {
                TopicSetting.named(key);
            }
        }
        return propose(
                image,
                command(image)
                        .setAlterTopic(AlterTopicCommand.newBuilder()
                                .setName(found.name())
                                .setTopicId(Wire.topicId(found.id()))
                                .putAllSet(settings(set))
                                .addAllUnset(unset)));
    }

    /**
     * @param partitions the new total
     * @throws BrokerException UNKNOWN_TOPIC, UNKNOWN_TOPIC_ID, INVALID_PARTITIONS, INVALID_REPLICAS
     */
    public Proposal addPartitions(ClusterImage image, Map<NodeId, BrokerLoad> loads, TopicSpec topic, int partitions) {
        TopicImage found = find(image, topic);
        int present = found.partitions().size();
        if (partitions <= present || partitions > config.partitionsPerTopicMax()) {
            throw new BrokerException(
                    ErrorCode.INVALID_PARTITIONS,
                    "partitions: " + partitions + " (expected: " + (present + 1) + " to "
                            + config.partitionsPerTopicMax() + ", the new total)");
        }
        List<PartitionAssignment> added =
                assign(image, loads, found.name(), present, partitions, found.replicationFactor());
        return propose(
                image,
                command(image)
                        .setAddPartitions(AddPartitionsCommand.newBuilder()
                                .setName(found.name())
                                .setTopicId(Wire.topicId(found.id()))
                                .addAllPartitions(added)));
    }

    public Proposal confirmDeletion(ClusterImage image, NodeId node, TopicId topic) {
        return propose(
                image,
                command(image)
                        .setConfirmDeletion(ConfirmDeletion.newBuilder()
                                .setNodeId(node.value())
                                .setTopicId(Wire.topicId(topic))));
    }

    /** @param count how many ids the node wants; the reply holds the first of them */
    public Proposal allocateProducerIds(ClusterImage image, NodeId node, int count) {
        return propose(
                image,
                command(image)
                        .setAllocateProducerIds(AllocateProducerIds.newBuilder()
                                .setNodeId(node.value())
                                .setCount(count)));
    }

    /** The settings of a topic in force: its own over the configured defaults. */
    public TopicConfig configInForce(TopicImage topic) {
        return TopicConfig.inForce(topic.config(), config.topicDefaults());
    }

    /** The settings a topic is to have, in canonical form; none that the brokers would not keep. */
    private Map<String, String> settings(Map<String, String> wanted) {
        Map<String, String> settings = TopicConfig.canonical(wanted);
        String key = TopicSetting.MAX_MESSAGE_SIZE.key();
        String size = settings.get(key);
        if (size != null && Integer.parseInt(size) > config.messageBytesMax()) {
            throw new BrokerException(
                    ErrorCode.INVALID_CONFIG,
                    key + ": " + size + " bytes (expected: <= " + config.messageBytesMax()
                            + ", the max_message_size of the brokers)");
        }
        return settings;
    }

    private List<PartitionAssignment> assign(
            ClusterImage image, Map<NodeId, BrokerLoad> loads, String name, int from, int to, int replicas) {
        List<Candidate> candidates = candidates(image, loads);
        if (replicas < 1 || replicas > candidates.size()) {
            throw new BrokerException(ErrorCode.INVALID_REPLICAS, replicasMessage(image, replicas, candidates.size()));
        }
        List<List<NodeId>> placed = ReplicaPlacer.place(candidates, to - from, replicas, name.hashCode());
        List<PartitionAssignment> assignments = new ArrayList<>(placed.size());
        for (int i = 0; i < placed.size(); i++) {
            List<PeerId> founders = placed.get(i).stream()
                    .map(node -> image.broker(node).orElseThrow().peer())
                    .toList();
            assignments.add(Wire.partition(new PartitionImage(from + i, new GroupId(uuid()), founders)));
        }
        return assignments;
    }

    private static String replicasMessage(ClusterImage image, int replicas, int alive) {
        String down = image.brokers().stream()
                .filter(broker -> !broker.alive())
                .map(broker -> broker.node().toString())
                .collect(Collectors.joining(", "));
        return "replicas: " + replicas + " (expected: 1 to " + alive + ", the number of brokers alive"
                + (down.isEmpty() ? "" : "; down: " + down) + ")";
    }

    /** The live brokers with what the image says they hold. */
    private static List<Candidate> candidates(ClusterImage image, Map<NodeId, BrokerLoad> loads) {
        PlacementCounts counts = PlacementCounts.of(image);
        return image.brokers().stream()
                .filter(BrokerImage::alive)
                .map(broker -> new Candidate(
                        broker.node(),
                        broker.rack(),
                        counts.replicas(broker.node()),
                        counts.preferredLeaders(broker.node()),
                        loads.getOrDefault(broker.node(), BrokerLoad.UNKNOWN)))
                .toList();
    }

    private static TopicImage find(ClusterImage image, TopicSpec topic) {
        TopicImage found = topic.name().isEmpty() && topic.id().isPresent()
                ? image.topic(topic.id().get()).orElse(null)
                : image.topic(topic.name()).orElse(null);
        if (found == null) {
            throw new BrokerException(ErrorCode.UNKNOWN_TOPIC, "topic: '" + topic + "' (expected: an existing topic)");
        }
        if (topic.id().isPresent() && !topic.id().get().equals(found.id())) {
            throw new BrokerException(
                    ErrorCode.UNKNOWN_TOPIC_ID,
                    "topic '" + found.name() + "': id " + topic.id().get() + " (expected: " + found.id() + ")");
        }
        return found;
    }

    /** Time in the log never goes back, whatever the clock does. */
    private ControllerCommand.Builder command(ClusterImage image) {
        return ControllerCommand.newBuilder().setTimestampMs(Math.max(clock.millis(), image.lastTimestampMs()));
    }

    private static Proposal propose(ClusterImage image, ControllerCommand.Builder builder) {
        ControllerCommand command = builder.build();
        Decision tried = CommandDecider.decide(image, command);
        if (tried.error() != null) {
            throw new BrokerException(tried.error(), tried.message());
        }
        return new Proposal(command, tried.image());
    }

    /** A random UUID (version 4). */
    private UUID uuid() {
        long high = (random.nextLong() & ~0xf000L) | 0x4000L;
        long low = (random.nextLong() & ~0xc000_0000_0000_0000L) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
