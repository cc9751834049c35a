package io.gq.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.controller.placement.BrokerLoad;
import io.gq.controller.topic.TopicConfig;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.AlterTopicCommand;
import io.gq.proto.v1.ControllerCommand;
import io.gq.testing.Seeds;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ControllerProposalsTest {

    private final TestCluster cluster = TestCluster.of(4);

    @Test
    void shouldMakeACommandThatDoesWhatThePreviewShows() throws InvalidProtocolBufferException {
        Proposal proposal = cluster.proposals.createTopic(
                cluster.image, Map.of(), new NewTopic("orders", 3, 2, Map.of("retention_ms", "1h")));

        ClusterImage before = cluster.image;
        assertThat(before.topic("orders")).isEmpty();
        ControllerCommand command = ControllerCommand.parseFrom(proposal.bytes());
        assertThat(command).isEqualTo(proposal.command());
        assertThat(cluster.decide(command).isAccepted()).isTrue();
        TopicImage topic = cluster.topic("orders");
        assertThat(proposal.preview().topic("orders")).contains(topic);
        assertThat(topic.config()).containsExactly(Map.entry("retention_ms", "3600000"));
        assertThat(topic.partitions())
                .hasSize(3)
                .allSatisfy(partition -> assertThat(partition.founders())
                        .hasSize(2)
                        .allSatisfy(founder -> assertThat(founder.incarnation())
                                .isEqualTo(
                                        TestCluster.incarnation(founder.node().value()))));
        assertThat(cluster.proposals.configInForce(topic).retentionMs()).isEqualTo(3_600_000);
    }

    @Test
    void shouldDrawNewRandomIds() {
        Set<GroupId> groups = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            TopicImage topic = cluster.create("t" + i, 10, 1);
            assertThat(topic.id().value().version()).isEqualTo(4);
            assertThat(topic.id().value().variant()).isEqualTo(2);
            for (PartitionImage partition : topic.partitions()) {
                assertThat(partition.group().value().version()).isEqualTo(4);
                assertThat(groups.add(partition.group())).isTrue();
            }
        }
    }

    @Test
    void shouldUseTheDefaultsWhereNoneAreAskedFor() {
        TopicImage topic = cluster.create("orders", 0, 0);

        assertThat(topic.partitions()).hasSize(1);
        assertThat(topic.replicationFactor()).isEqualTo(3);
        assertThat(TestCluster.of(2).create("orders", 0, 0).replicationFactor()).isEqualTo(2);
    }

    @Test
    void shouldRefuseMoreReplicasThanBrokersAliveAndNameTheDead() {
        refused(
                () -> cluster.create("orders", 1, 5),
                ErrorCode.INVALID_REPLICAS,
                "replicas: 5 (expected: 1 to 4, the number of brokers alive)");
        cluster.setAlive(2, false);
        cluster.setAlive(4, false);
        refused(
                () -> cluster.create("orders", 1, 0),
                ErrorCode.INVALID_REPLICAS,
                "replicas: 3 (expected: 1 to 2, the number of brokers alive; down: 2, 4)");
        refused(() -> cluster.create("orders", 1, -1), ErrorCode.INVALID_REPLICAS, "replicas: -1");
        refused(
                () -> new TestCluster(1).create("orders", 1, 0),
                ErrorCode.INVALID_REPLICAS,
                "replicas: 1 (expected: 1 to 0");
    }

    @Test
    void shouldRefuseBadTopics() {
        cluster.create("orders", 1, 1);

        refused(() -> cluster.create("orders", 1, 1), ErrorCode.TOPIC_EXISTS, "'orders'");
        refused(() -> cluster.create("a/b", 1, 1), ErrorCode.INVALID_TOPIC, "a/b");
        refused(() -> cluster.create("", 1, 1), ErrorCode.INVALID_TOPIC, "''");
        refused(
                () -> cluster.create("a", -1, 1),
                ErrorCode.INVALID_PARTITIONS,
                "partitions: -1 (expected: 1 to 10000)");
        refused(() -> cluster.create("a", 10_001, 1), ErrorCode.INVALID_PARTITIONS, "partitions: 10001");
        refused(
                () -> cluster.proposals.createTopic(
                        cluster.image, Map.of(), new NewTopic("a", 1, 1, Map.of("retension_ms", "1"))),
                ErrorCode.INVALID_CONFIG,
                "perhaps retention_ms");
    }

    @Test
    void shouldPlaceByTheLoadBrokersReport() {
        cluster.create("spread", 8, 1);
        cluster.loads.put(new NodeId(1), new BrokerLoad(800L << 30, 0, false));
        cluster.loads.put(new NodeId(2), new BrokerLoad(1L << 30, 0, false));
        cluster.loads.put(new NodeId(3), new BrokerLoad(1L << 30, 0, false));
        cluster.loads.put(new NodeId(4), new BrokerLoad(1L << 30, 0, false));

        TopicImage topic = cluster.create("orders", 6, 1);

        assertThat(topic.partitions()).noneMatch(partition -> partition.hasReplicaOn(new NodeId(1)));
        PlacementCounts counts = PlacementCounts.of(cluster.image);
        assertThat(List.of(2, 3, 4)).allSatisfy(node -> {
            assertThat(counts.replicas(new NodeId(node))).isEqualTo(4);
            assertThat(counts.preferredLeaders(new NodeId(node))).isEqualTo(4);
        });
    }

    @Test
    void shouldNotPlaceOnDeadBrokers() {
        cluster.setAlive(3, false);

        assertThat(cluster.create("orders", 20, 3).partitions())
                .noneMatch(partition -> partition.hasReplicaOn(new NodeId(3)));
    }

    @Test
    void shouldKeepReplicasAndLeadersEvenOverManyTopics() {
        for (int i = 0; i < 40; i++) {
            cluster.create("t" + i, 1 + i % 5, 1 + i % 3);
        }

        PlacementCounts counts = PlacementCounts.of(cluster.image);
        assertThat(cluster.image.brokers().stream()
                        .mapToInt(b -> counts.replicas(b.node()))
                        .summaryStatistics())
                .satisfies(replicas ->
                        assertThat(replicas.getMax() - replicas.getMin()).isLessThanOrEqualTo(2));
        assertThat(cluster.image.brokers().stream()
                        .mapToInt(b -> counts.preferredLeaders(b.node()))
                        .summaryStatistics())
                .satisfies(leaders ->
                        assertThat(leaders.getMax() - leaders.getMin()).isLessThanOrEqualTo(2));
    }

    @Test
    void shouldDeleteByNameIdOrBoth() {
        TopicImage orders = cluster.create("orders", 1, 1);
        TopicId other = new TopicId(new UUID(1, 1));

        refused(
                () -> cluster.proposals.deleteTopic(cluster.image, TestCluster.named("none")),
                ErrorCode.UNKNOWN_TOPIC,
                "topic: 'none'");
        refused(
                () -> cluster.proposals.deleteTopic(cluster.image, TestCluster.named("orders", other)),
                ErrorCode.UNKNOWN_TOPIC_ID,
                other.toString());
        refused(
                () -> cluster.proposals.deleteTopic(cluster.image, TestCluster.named("", other)),
                ErrorCode.UNKNOWN_TOPIC,
                other.toString());
        for (TopicSpec spec : List.of(
                TestCluster.named("orders"),
                TestCluster.named("orders", orders.id()),
                TestCluster.named("", orders.id()))) {
            assertThat(cluster.proposals
                            .deleteTopic(cluster.image, spec)
                            .preview()
                            .topics())
                    .isEmpty();
        }
    }

    @Test
    void shouldAlterSettingsInTheirStoredSpelling() {
        cluster.create("orders", 1, 1);
        TopicSpec orders = TestCluster.named("orders");

        cluster.take(cluster.proposals.alterTopic(
                cluster.image, orders, Map.of("segment_bytes", "1MB", "retention_ms", "5m"), List.of()));
        assertThat(cluster.topic("orders").config())
                .containsExactly(Map.entry("retention_ms", "300000"), Map.entry("segment_bytes", "1048576"));
        cluster.take(
                cluster.proposals.alterTopic(cluster.image, orders, Map.of(), List.of("segment_bytes", "segment_ms")));
        assertThat(cluster.topic("orders").config()).containsOnlyKeys("retention_ms");

        refused(
                () -> cluster.proposals.alterTopic(cluster.image, orders, Map.of("segment_bytes", "1"), List.of()),
                ErrorCode.INVALID_CONFIG,
                "segment_bytes: '1'");
        refused(
                () -> cluster.proposals.alterTopic(cluster.image, orders, Map.of(), List.of("segment_byte")),
                ErrorCode.INVALID_CONFIG,
                "perhaps segment_bytes");
        refused(
                () -> cluster.proposals.alterTopic(
                        cluster.image, orders, Map.of("segment_ms", "1"), List.of("segment_ms")),
                ErrorCode.INVALID_CONFIG,
                "both set and unset");
        refused(
                () -> cluster.proposals.alterTopic(cluster.image, TestCluster.named("none"), Map.of(), List.of()),
                ErrorCode.UNKNOWN_TOPIC,
                "none");
    }

    @Test
    void shouldUnsetASettingThatOnlyANewerVersionKnows() {
        cluster.create("orders", 1, 1);
        cluster.decide(ControllerCommand.newBuilder()
                .setAlterTopic(AlterTopicCommand.newBuilder().setName("orders").putSet("from_the_future", "1"))
                .build());
        assertThat(cluster.topic("orders").config()).containsKey("from_the_future");
        assertThat(cluster.proposals.configInForce(cluster.topic("orders"))).isEqualTo(TopicConfig.DEFAULTS);

        cluster.take(cluster.proposals.alterTopic(
                cluster.image, TestCluster.named("orders"), Map.of(), List.of("from_the_future")));
        assertThat(cluster.topic("orders").config()).isEmpty();
    }

    @Test
    void shouldAddPartitionsWithAsManyReplicasAsTheOthers() {
        TopicImage before = cluster.create("orders", 2, 3);
        TopicSpec orders = TestCluster.named("orders");

        cluster.take(cluster.proposals.addPartitions(cluster.image, Map.of(), orders, 5));

        TopicImage after = cluster.topic("orders");
        assertThat(after.partitions()).hasSize(5).startsWith(before.partitions().toArray(PartitionImage[]::new));
        assertThat(after.partitions())
                .allMatch(partition -> partition.founders().size() == 3);
        refused(
                () -> cluster.proposals.addPartitions(cluster.image, Map.of(), orders, 5),
                ErrorCode.INVALID_PARTITIONS,
                "partitions: 5 (expected: 6 to 10000, the new total)");
        refused(
                () -> cluster.proposals.addPartitions(cluster.image, Map.of(), orders, 10_001),
                ErrorCode.INVALID_PARTITIONS,
                "partitions: 10001");
        cluster.setAlive(1, false);
        cluster.setAlive(2, false);
        refused(
                () -> cluster.proposals.addPartitions(cluster.image, Map.of(), orders, 6),
                ErrorCode.INVALID_REPLICAS,
                "down: 1, 2");
    }

    @Test
    void shouldStampTimeThatNeverGoesBack() {
        cluster.create("a", 1, 1);
        long then = cluster.image.lastTimestampMs();
        assertThat(then).isEqualTo(cluster.clock.millis());

        cluster.clock.set(cluster.clock.instant().minus(Duration.ofDays(30)));
        assertThat(cluster.create("b", 1, 1).createdMs()).isEqualTo(then);
    }

    @Test
    void shouldRefuseAtOnceWhatTheLogWouldRefuse() {
        refused(
                () -> cluster.proposals.foundCluster(cluster.image, "no uuid"),
                ErrorCode.INVALID_REQUEST,
                "cluster id: 'no uuid'");
        refused(
                () -> cluster.proposals.foundCluster(cluster.image, new UUID(1, 1).toString()),
                ErrorCode.CLUSTER_MISMATCH,
                "(expected: " + TestCluster.CLUSTER_ID + ")");
        assertThat(cluster.proposals
                        .foundCluster(cluster.image, TestCluster.CLUSTER_ID)
                        .preview())
                .isSameAs(cluster.image);
        refused(
                () -> cluster.proposals.registerBroker(
                        cluster.image, new PeerId(new NodeId(1), TestCluster.incarnation(1)), 0, "", Map.of()),
                ErrorCode.INVALID_REQUEST,
                "process epoch: 0");
        refused(
                () -> cluster.proposals.allocateProducerIds(cluster.image, new NodeId(9), 1),
                ErrorCode.UNKNOWN_BROKER,
                "node: 9");
    }

    @Test
    void shouldConfirmADeletion() {
        TopicImage orders = cluster.create("orders", 1, 1);
        NodeId holder = orders.partitions().get(0).preferredLeader();
        cluster.take(cluster.proposals.deleteTopic(cluster.image, new TopicSpec(Optional.empty(), "orders")));

        cluster.take(cluster.proposals.confirmDeletion(cluster.image, holder, orders.id()));

        assertThat(cluster.image.deletedTopics()).isEmpty();
        assertThat(Wire.topicId(Wire.topicId(orders.id()))).isEqualTo(orders.id());
    }

    @Test
    void shouldRefuseToPromiseLargerBatchesThanTheBrokersTake() {
        ControllerProposals proposals = new ControllerProposals(
                cluster.clock, Seeds.of(1).random(), new ControllerConfig(1, 3, 10, 1 << 20, TopicConfig.DEFAULTS));
        cluster.create("orders", 1, 1);
        Map<String, String> tooLarge = Map.of("max_message_size", "1048577");
        Map<String, String> largest = Map.of("max_message_size", "1MB");

        refused(
                () -> proposals.createTopic(cluster.image, Map.of(), new NewTopic("a", 1, 1, tooLarge)),
                ErrorCode.INVALID_CONFIG,
                "max_message_size: 1048577 bytes (expected: <= 1048576");
        refused(
                () -> proposals.alterTopic(cluster.image, TestCluster.named("orders"), tooLarge, List.of()),
                ErrorCode.INVALID_CONFIG,
                "max_message_size: 1048577 bytes (expected: <= 1048576");
        assertThat(proposals
                        .alterTopic(cluster.image, TestCluster.named("orders"), largest, List.of())
                        .command()
                        .getAlterTopic()
                        .getSetMap())
                .containsEntry("max_message_size", "1048576");
    }

    @Test
    void shouldCheckItsConfiguration() {
        assertThatThrownBy(() -> new ControllerConfig(0, 3, 10, 1 << 20, TopicConfig.DEFAULTS))
                .hasMessageContaining("partitionsDefault: 0");
        assertThatThrownBy(() -> new ControllerConfig(11, 3, 10, 1 << 20, TopicConfig.DEFAULTS))
                .hasMessageContaining("partitionsDefault: 11");
        assertThatThrownBy(() -> new ControllerConfig(1, 0, 10, 1 << 20, TopicConfig.DEFAULTS))
                .hasMessageContaining("replicasDefault: 0");
        assertThatThrownBy(() -> new ControllerConfig(1, 1, 0, 1 << 20, TopicConfig.DEFAULTS))
                .hasMessageContaining("partitionsPerTopicMax: 0");
    }

    private static void refused(ThrowingCallable call, ErrorCode code, String message) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .asInstanceOf(throwable(BrokerException.class))
                .extracting(BrokerException::code)
                .isEqualTo(code);
    }
}
