package io.gq.controller;

import com.google.protobuf.ByteString;
import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.DeletedTopicImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.core.BrokerException;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.proto.v1.AddPartitionsCommand;
import io.gq.proto.v1.AllocateProducerIds;
import io.gq.proto.v1.AlterTopicCommand;
import io.gq.proto.v1.ConfirmDeletion;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.CreateTopicCommand;
import io.gq.proto.v1.DeleteTopicCommand;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.FoundCluster;
import io.gq.proto.v1.PartitionAssignment;
import io.gq.proto.v1.RegisterBroker;
import io.gq.proto.v1.SetBrokerState;
import io.gq.testing.ManualClock;
import io.gq.testing.Seeds;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Draws entries for the controller's log: as a leader makes them, wrong in every way a message can be, and plain noise. */
final class RandomCommands {

    private static final int NODES = 5;

    private final Seeds seeds;
    private final ManualClock clock = new ManualClock();
    private final ControllerProposals proposals;

    RandomCommands(Seeds seeds) {
        this.seeds = seeds;
        this.proposals = new ControllerProposals(clock, seeds.split().random(), ControllerConfig.defaults());
    }

    ByteBuffer next(ClusterImage image) {
        if (seeds.oneIn(12)) {
            return ByteBuffer.wrap(seeds.bytes(0, 60));
        }
        ControllerCommand command = seeds.oneIn(4) ? wild(image) : sound(image);
        ByteBuffer bytes = Proposal.encode(command);
        if (bytes.hasRemaining() && seeds.oneIn(12)) {
            byte[] damaged = new byte[bytes.remaining()];
            bytes.get(damaged);
            damaged[seeds.between(0, damaged.length - 1)] ^= (byte) (1 << seeds.between(0, 7));
            return ByteBuffer.wrap(damaged, 0, seeds.oneIn(3) ? seeds.between(0, damaged.length) : damaged.length);
        }
        return bytes;
    }

    /** What a leader would propose that looks at this image, which may be an old one. */
    private ControllerCommand sound(ClusterImage image) {
        clock.advance(Duration.ofMillis(seeds.between(-500, 1000)));
        try {
            return proposal(image).command();
        } catch (BrokerException e) {
            return register(image).command();
        }
    }

    private Proposal proposal(ClusterImage image) {
        int kind = seeds.between(0, 10);
        if (kind <= 1 || image.brokers().isEmpty()) {
            return register(image);
        } else if (kind == 2) {
            BrokerImage broker = seeds.pick(image.brokers());
            return proposals.setBrokerState(
                    image,
                    SetBrokerState.newBuilder()
                            .setNodeId(broker.node().value())
                            .setProcessEpoch(broker.processEpoch() - (seeds.oneIn(4) ? 1 : 0))
                            .setAlive(seeds.oneIn(2))
                            .build());
        } else if (kind <= 5) {
            return proposals.createTopic(
                    image,
                    Map.of(),
                    new NewTopic(
                            seeds.word(1, 1), seeds.between(0, 4), seeds.between(0, 3), Map.of("retention_ms", "1h")));
        } else if (kind == 6) {
            return proposals.allocateProducerIds(image, new NodeId(seeds.between(1, NODES)), seeds.between(1, 1000));
        } else if (kind == 7 && !image.deletedTopics().isEmpty()) {
            DeletedTopicImage deleted = seeds.pick(image.deletedTopics());
            return proposals.confirmDeletion(image, new NodeId(seeds.between(1, NODES)), deleted.id());
        } else if (image.topics().isEmpty()) {
            return proposals.foundCluster(image, new UUID(seeds.between(0, 1), 1).toString());
        }
        TopicImage topic = seeds.pick(image.topics());
        if (kind == 8) {
            return proposals.deleteTopic(image, TestCluster.named(topic.name(), topic.id()));
        } else if (kind == 9) {
            return proposals.addPartitions(
                    image,
                    Map.of(),
                    TestCluster.named(topic.name()),
                    topic.partitions().size() + seeds.between(1, 2));
        }
        return proposals.alterTopic(
                image,
                TestCluster.named(topic.name()),
                Map.of("segment_ms", Integer.toString(seeds.between(1, 3))),
                seeds.oneIn(2) ? List.of("retention_ms") : List.of());
    }

    private Proposal register(ClusterImage image) {
        int node = seeds.between(1, NODES);
        long epoch =
                image.broker(new NodeId(node)).map(BrokerImage::processEpoch).orElse(0L);
        String incarnation = TestCluster.incarnation(node + (seeds.oneIn(5) ? 16 * seeds.between(1, 3) : 0));
        return proposals.registerBroker(
                image,
                new PeerId(new NodeId(node), incarnation),
                epoch + seeds.between(0, 2),
                "rack" + node % 2,
                TestCluster.listeners(node));
    }

    /** A well-formed message of any kind with any values. */
    private ControllerCommand wild(ClusterImage image) {
        ControllerCommand.Builder builder = ControllerCommand.newBuilder()
                .setTimestampMs(seeds.oneIn(5) ? -1 : seeds.between(0, Integer.MAX_VALUE));
        return switch (seeds.between(0, 9)) {
            case 0 ->
                builder.setFoundCluster(FoundCluster.newBuilder().setClusterId(seeds.word(0, 3)))
                        .build();
            case 1 ->
                builder.setRegisterBroker(RegisterBroker.newBuilder()
                                .setNodeId(seeds.between(-1, 3))
                                .setIncarnation(seeds.pick("", "x", TestCluster.incarnation(1)))
                                .setProcessEpoch(seeds.between(-1, 3))
                                .setRack(seeds.word(0, 300))
                                .putListeners(
                                        seeds.word(0, 70),
                                        Endpoint.newBuilder()
                                                .setHost(seeds.word(0, 2))
                                                .setPort(seeds.between(-1, 70_000))
                                                .build())
                                .putListeners(seeds.word(0, 2), Endpoint.getDefaultInstance()))
                        .build();
            case 2 ->
                builder.setSetBrokerState(SetBrokerState.newBuilder()
                                .setNodeId(seeds.between(-1, NODES + 1))
                                .setProcessEpoch(seeds.between(-1, 3)))
                        .build();
            case 3, 4 ->
                builder.setCreateTopic(CreateTopicCommand.newBuilder()
                                .setName(seeds.pick("", "a", "b", "a b", ".."))
                                .setTopicId(topicId(image))
                                .addAllPartitions(partitions(image, 0))
                                .putConfig(seeds.pick("", "k", "K"), seeds.word(0, 3)))
                        .build();
            case 5 ->
                builder.setDeleteTopic(DeleteTopicCommand.newBuilder()
                                .setName(seeds.pick("", "a", "b"))
                                .setTopicId(topicId(image)))
                        .build();
            case 6 ->
                builder.setAlterTopic(AlterTopicCommand.newBuilder()
                                .setName(seeds.pick("", "a", "b"))
                                .setTopicId(topicId(image))
                                .putSet(seeds.pick("", "k", "K"), seeds.word(0, 3))
                                .addUnset(seeds.pick("", "k", "K")))
                        .build();
            case 7 ->
                builder.setAddPartitions(AddPartitionsCommand.newBuilder()
                                .setName(seeds.pick("a", "b"))
                                .setTopicId(topicId(image))
                                .addAllPartitions(partitions(image, seeds.between(0, 3))))
                        .build();
            case 8 ->
                builder.setConfirmDeletion(ConfirmDeletion.newBuilder()
                                .setNodeId(seeds.between(-1, NODES))
                                .setTopicId(topicId(image)))
                        .build();
            default ->
                builder.setAllocateProducerIds(AllocateProducerIds.newBuilder()
                                .setNodeId(seeds.between(-1, NODES + 1))
                                .setCount(seeds.pick(Integer.MIN_VALUE, -1, 0, 1, Integer.MAX_VALUE)))
                        .build();
        };
    }

    private ByteString topicId(ClusterImage image) {
        if (!image.topics().isEmpty() && seeds.oneIn(2)) {
            return Wire.topicId(seeds.pick(image.topics()).id());
        }
        return seeds.oneIn(2)
                ? ByteString.copyFrom(seeds.bytes(0, 20))
                : Wire.topicId(new TopicId(new UUID(seeds.between(0, 2), 5)));
    }

    private List<PartitionAssignment> partitions(ClusterImage image, int from) {
        PartitionAssignment.Builder partition = PartitionAssignment.newBuilder()
                .setPartition(from + (seeds.oneIn(4) ? seeds.between(-2, 2) : 0))
                .setGroupId(
                        seeds.oneIn(4) && !image.topics().isEmpty()
                                ? seeds.pick(image.topics())
                                        .partitions()
                                        .get(0)
                                        .group()
                                        .toString()
                                : seeds.pick("", "x", new UUID(9, seeds.between(0, 3)).toString()));
        for (int i = seeds.between(0, 3); i > 0; i--) {
            int node = seeds.between(0, NODES);
            partition.addReplicas(node).addIncarnations(TestCluster.incarnation(node));
        }
        if (seeds.oneIn(6)) {
            partition.addReplicas(1);
        }
        return seeds.oneIn(5) ? List.of() : List.of(partition.build());
    }
}
