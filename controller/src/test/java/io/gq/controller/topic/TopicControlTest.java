package io.gq.controller.topic;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.gq.controller.TestCluster;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.TopicId;
import io.gq.proto.v1.AddPartitionsCommand;
import io.gq.proto.v1.AlterTopicCommand;
import io.gq.proto.v1.ConfirmDeletion;
import io.gq.proto.v1.CreateTopicCommand;
import io.gq.proto.v1.DeleteTopicCommand;
import io.gq.proto.v1.PartitionAssignment;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TopicControlTest {

    private static final long NOW = 5_000;
    private static final TopicId ID = new TopicId(UUID.fromString("11111111-2222-4333-8444-555555555555"));

    private final ClusterImage image = TestCluster.of(3).image;
    private final ClusterImage withTopic =
            TopicControl.create(image, create("orders", 2).build(), NOW).image();

    @Test
    void shouldCreateATopicAsTheCommandSays() {
        Decision decision = TopicControl.create(
                image, create("orders", 2).putConfig("retention_ms", "1").build(), NOW);

        assertThat(decision.isAccepted()).isTrue();
        assertThat(decision.image().version()).isEqualTo(image.version() + 1);
        TopicImage topic = decision.image().topic("orders").orElseThrow();
        assertThat(topic.id()).isEqualTo(ID);
        assertThat(topic.config()).containsExactly(Map.entry("retention_ms", "1"));
        assertThat(topic.partitions()).hasSize(2);
        assertThat(topic.partitions().get(0).replicas()).isEqualTo(TestCluster.nodes(1, 2));
        assertThat(topic.partitions().get(0).preferredLeader()).isEqualTo(new NodeId(1));
        assertThat(topic.replicationFactor()).isEqualTo(2);
        assertThat(topic.createdMs()).isEqualTo(image.lastTimestampMs());
    }

    @Test
    void shouldRefuseATopicThatExists() {
        refused(
                TopicControl.create(withTopic, create("orders", 1).build(), NOW),
                ErrorCode.TOPIC_EXISTS,
                "'orders' exists");
    }

    @Test
    void shouldRefuseAnIdOrAGroupThatWasUsed() {
        refused(
                TopicControl.create(withTopic, create("other", 1).build(), NOW),
                ErrorCode.INVALID_REQUEST,
                "topic id: " + ID + " (expected: one never used)");
        ByteString fresh = Wire.topicId(new TopicId(new UUID(7, 7)));
        refused(
                TopicControl.create(
                        withTopic, create("other", 1).setTopicId(fresh).build(), NOW),
                ErrorCode.INVALID_REQUEST,
                "group id: " + group(0) + " (expected: one never used)");
        ClusterImage deleted = TopicControl.delete(
                        withTopic,
                        DeleteTopicCommand.newBuilder().setName("orders").build(),
                        NOW)
                .image();
        refused(TopicControl.create(deleted, create("other", 1).build(), NOW), ErrorCode.INVALID_REQUEST, "never used");
        refused(
                TopicControl.create(
                        deleted, create("other", 1).setTopicId(fresh).build(), NOW),
                ErrorCode.INVALID_REQUEST,
                "never used");
        CreateTopicCommand twice = create("other", 1)
                .addPartitions(assignment(1, 0, 1))
                .setTopicId(fresh)
                .build();
        refused(TopicControl.create(image, twice, NOW), ErrorCode.INVALID_REQUEST, "group id");
    }

    @Test
    void shouldRefuseAMalformedTopic() {
        refused(
                TopicControl.create(image, create("a b", 1).build(), NOW),
                ErrorCode.INVALID_TOPIC,
                "topic name: 'a b'");
        refused(TopicControl.create(image, create("a", 0).build(), NOW), ErrorCode.INVALID_PARTITIONS, "partitions: 0");
        refused(
                TopicControl.create(
                        image,
                        create("a", 1).setTopicId(ByteString.copyFromUtf8("x")).build(),
                        NOW),
                ErrorCode.INVALID_REQUEST,
                "topic id: 1 bytes");
        refusedPartition(assignment(1, 0, 1), ErrorCode.INVALID_REQUEST, "partition: 1 (expected: 0");
        refusedPartition(assignment(-1, 0, 1), ErrorCode.INVALID_REQUEST, "partition: -1");
        refusedPartition(assignment(0, 0), ErrorCode.INVALID_REQUEST, "no replicas");
        refusedPartition(assignment(0, 0, 1, 1), ErrorCode.INVALID_REQUEST, "node 1 twice");
        refusedPartition(assignment(0, 0, 0), ErrorCode.INVALID_REQUEST, "nodeId: 0");
        refusedPartition(
                assignment(0, 0, 1).toBuilder().addReplicas(2).build(), ErrorCode.INVALID_REQUEST, "incarnations: 1");
        refusedPartition(
                assignment(0, 0, 1).toBuilder().setIncarnations(0, "x").build(),
                ErrorCode.INVALID_REQUEST,
                "incarnation: x");
        refusedPartition(
                assignment(0, 0, 1).toBuilder().setGroupId("1-1-1-1-1").build(),
                ErrorCode.INVALID_REQUEST,
                "group id: '1-1-1-1-1' (expected: a UUID in lower case)");
    }

    @Test
    void shouldRefuseReplicasThatAreNotThere() {
        refusedPartition(assignment(0, 0, 4), ErrorCode.INVALID_REPLICAS, "node 4 (expected: a registered broker)");
        refusedPartition(
                assignment(0, 0, 1).toBuilder()
                        .setIncarnations(0, "ffffffffffffffff")
                        .build(),
                ErrorCode.NOT_READY,
                "replica: 1-ffffffffffffffff (expected: 1-" + TestCluster.incarnation(1));
    }

    @Test
    void shouldRefuseSettingsOfUnboundedSize() {
        refused(
                TopicControl.create(
                        image, create("a", 1).putConfig("Not A Key", "1").build(), NOW),
                ErrorCode.INVALID_CONFIG,
                "setting: 'Not A Key'");
        refused(
                TopicControl.create(
                        image, create("a", 1).putConfig("k", "v".repeat(1025)).build(), NOW),
                ErrorCode.INVALID_CONFIG,
                "k: 1025 characters");
    }

    @Test
    void shouldChangeSettings() {
        AlterTopicCommand set = AlterTopicCommand.newBuilder()
                .setName("orders")
                .setTopicId(Wire.topicId(ID))
                .putSet("retention_ms", "1")
                .putSet("segment_ms", "2")
                .build();
        ClusterImage altered = TopicControl.alter(withTopic, set, NOW).image();
        assertThat(altered.topic(ID).orElseThrow().config())
                .containsExactly(Map.entry("retention_ms", "1"), Map.entry("segment_ms", "2"));
        assertThat(TopicControl.alter(altered, set, NOW).image()).isSameAs(altered);

        AlterTopicCommand unset = AlterTopicCommand.newBuilder()
                .setName("orders")
                .addUnset("retention_ms")
                .addUnset("never_set")
                .build();
        assertThat(TopicControl.alter(altered, unset, NOW)
                        .image()
                        .topic(ID)
                        .orElseThrow()
                        .config())
                .containsOnlyKeys("segment_ms");
    }

    @Test
    void shouldRefuseAnImpossibleChange() {
        refused(
                TopicControl.alter(
                        withTopic,
                        AlterTopicCommand.newBuilder()
                                .setName("orders")
                                .putSet("k", "v")
                                .addUnset("k")
                                .build(),
                        NOW),
                ErrorCode.INVALID_CONFIG,
                "k: both set and unset");
        refused(
                TopicControl.alter(
                        withTopic,
                        AlterTopicCommand.newBuilder()
                                .setName("orders")
                                .putSet("K", "v")
                                .build(),
                        NOW),
                ErrorCode.INVALID_CONFIG,
                "setting: 'K'");
    }

    @Test
    void shouldFindTheTopicByNameAndId() {
        ByteString other = Wire.topicId(new TopicId(new UUID(7, 7)));
        refused(
                TopicControl.delete(
                        withTopic,
                        DeleteTopicCommand.newBuilder().setName("none").build(),
                        NOW),
                ErrorCode.UNKNOWN_TOPIC,
                "topic: 'none'");
        refused(
                TopicControl.delete(
                        withTopic,
                        DeleteTopicCommand.newBuilder()
                                .setName("orders")
                                .setTopicId(other)
                                .build(),
                        NOW),
                ErrorCode.UNKNOWN_TOPIC_ID,
                "(expected: " + ID + ")");
        refused(
                TopicControl.alter(
                        withTopic,
                        AlterTopicCommand.newBuilder()
                                .setName("orders")
                                .setTopicId(ByteString.copyFromUtf8("x"))
                                .build(),
                        NOW),
                ErrorCode.INVALID_REQUEST,
                "topic id: 1 bytes");
        refused(
                TopicControl.alter(withTopic, AlterTopicCommand.getDefaultInstance(), NOW),
                ErrorCode.UNKNOWN_TOPIC,
                "topic: ''");
        refused(
                TopicControl.addPartitions(withTopic, AddPartitionsCommand.getDefaultInstance(), NOW),
                ErrorCode.UNKNOWN_TOPIC,
                "topic: ''");
    }

    @Test
    void shouldAddPartitionsAfterThePresentOnes() {
        AddPartitionsCommand add = AddPartitionsCommand.newBuilder()
                .setName("orders")
                .addPartitions(assignment(2, 2, 3))
                .build();
        ClusterImage more = TopicControl.addPartitions(withTopic, add, NOW).image();

        assertThat(more.topic(ID).orElseThrow().partitions()).hasSize(3);
        assertThat(more.group(Wire.partition(assignment(2, 2, 3)).group())).isPresent();
        refused(TopicControl.addPartitions(more, add, NOW), ErrorCode.INVALID_PARTITIONS, "partition: 2 (expected: 3");
        refused(
                TopicControl.addPartitions(
                        withTopic,
                        AddPartitionsCommand.newBuilder().setName("orders").build(),
                        NOW),
                ErrorCode.INVALID_PARTITIONS,
                "partitions: 0");
        refused(
                TopicControl.addPartitions(
                        withTopic,
                        AddPartitionsCommand.newBuilder()
                                .setName("orders")
                                .addPartitions(assignment(2, 0, 1))
                                .build(),
                        NOW),
                ErrorCode.INVALID_REQUEST,
                "group id");
    }

    @Test
    void shouldKeepATombstoneUntilEveryNodeConfirmed() {
        ClusterImage deleted = TopicControl.delete(
                        withTopic,
                        DeleteTopicCommand.newBuilder()
                                .setName("orders")
                                .setTopicId(Wire.topicId(ID))
                                .build(),
                        NOW)
                .image();
        assertThat(deleted.topic("orders")).isEmpty();
        assertThat(deleted.deletedTopic(ID).orElseThrow().pending())
                .containsExactlyElementsOf(TestCluster.nodes(1, 2, 3));

        // the name is free at once; the tombstone is the old id's
        CreateTopicCommand again = CreateTopicCommand.newBuilder()
                .setName("orders")
                .setTopicId(Wire.topicId(new TopicId(new UUID(7, 7))))
                .addPartitions(assignment(0, 9, 1))
                .build();
        ClusterImage recreated = TopicControl.create(deleted, again, NOW).image();
        assertThat(recreated.topic("orders")).isPresent();
        assertThat(recreated.deletedTopic(ID)).isPresent();

        ClusterImage one = confirm(recreated, 1);
        assertThat(one.deletedTopic(ID).orElseThrow().pending()).containsExactlyElementsOf(TestCluster.nodes(2, 3));
        assertThat(confirm(one, 1)).isSameAs(one);
        ClusterImage all = confirm(confirm(one, 2), 3);
        assertThat(all.deletedTopic(ID)).isEmpty();
        assertThat(confirm(all, 3)).isSameAs(all);
        assertThat(all.topic("orders")).isPresent();
    }

    @Test
    void shouldRefuseAMalformedConfirmation() {
        refused(
                TopicControl.confirmDeletion(image, ConfirmDeletion.getDefaultInstance(), NOW),
                ErrorCode.INVALID_REQUEST,
                "confirm deletion: topic id: 0 bytes");
        refused(
                TopicControl.confirmDeletion(
                        image,
                        ConfirmDeletion.newBuilder()
                                .setTopicId(Wire.topicId(ID))
                                .build(),
                        NOW),
                ErrorCode.INVALID_REQUEST,
                "nodeId: 0");
    }

    private static ClusterImage confirm(ClusterImage image, int node) {
        Decision decision = TopicControl.confirmDeletion(
                image,
                ConfirmDeletion.newBuilder()
                        .setNodeId(node)
                        .setTopicId(Wire.topicId(ID))
                        .build(),
                NOW);
        assertThat(decision.isAccepted()).isTrue();
        return decision.image();
    }

    private void refusedPartition(PartitionAssignment partition, ErrorCode code, String message) {
        refused(
                TopicControl.create(
                        image, create("a", 0).addPartitions(partition).build(), NOW),
                code,
                message);
    }

    private static void refused(Decision decision, ErrorCode code, String message) {
        assertThat(decision.error()).isEqualTo(code);
        assertThat(decision.message()).contains(message);
    }

    private static CreateTopicCommand.Builder create(String name, int partitions) {
        CreateTopicCommand.Builder builder =
                CreateTopicCommand.newBuilder().setName(name).setTopicId(Wire.topicId(ID));
        List<int[]> replicas = List.of(new int[] {1, 2}, new int[] {2, 3});
        for (int partition = 0; partition < partitions; partition++) {
            builder.addPartitions(assignment(partition, partition, replicas.get(partition % 2)));
        }
        return builder;
    }

    private static PartitionAssignment assignment(int partition, int group, int... nodes) {
        PartitionAssignment.Builder builder =
                PartitionAssignment.newBuilder().setPartition(partition).setGroupId(group(group));
        for (int node : nodes) {
            builder.addReplicas(node).addIncarnations(TestCluster.incarnation(node));
        }
        return builder.build();
    }

    private static String group(int number) {
        return new UUID(0xabcL, number).toString();
    }
}
