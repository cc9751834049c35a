package io.gq.controller;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ClusterImageCodec;
import io.gq.controller.image.Decision;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.core.GroupId;
import io.gq.core.TopicId;
import io.gq.core.replication.LogPosition;
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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The bytes of every command, of the image and of the checkpoint, as they were when first shipped: a log or a file written then must
 * be read for ever. New commands add lines ({@code -Dgolden.rewrite=true} writes the file anew); a line that changes breaks
 * clusters.
 */
class ControllerGoldenTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden/controller.txt");
    private static final TopicId TOPIC = new TopicId(UUID.fromString("11111111-2222-4333-8444-555555555555"));
    private static final GroupId GROUP = new GroupId(UUID.fromString("c0000000-0000-4000-8000-000000000001"));
    private static final LogPosition POSITION = new LogPosition(3, 9);

    private static final List<String> SCRIPT = List.of(
            "FOUND_CLUSTER",
            "REGISTER_BROKER",
            "SET_BROKER_STATE",
            "CREATE_TOPIC",
            "ALTER_TOPIC",
            "ADD_PARTITIONS",
            "DELETE_TOPIC",
            "CONFIRM_DELETION",
            "ALLOCATE_PRODUCER_IDS");

    @Test
    void shouldWriteEveryCommandAsEver() throws IOException {
        Map<String, String> written = new LinkedHashMap<>();
        commands().forEach((name, command) -> written.put(name, hex(Proposal.encode(command))));
        written.put("IMAGE", HexFormat.of().formatHex(ClusterImageCodec.encode(image())));
        written.put("CHECKPOINT", hex(CheckpointFormat.encode(GROUP, POSITION, image())));
        if (Boolean.getBoolean("golden.rewrite")) {
            List<String> lines = new ArrayList<>();
            written.forEach((name, bytes) -> lines.add(name + " " + bytes));
            Files.createDirectories(GOLDEN.getParent());
            Files.write(GOLDEN, lines, StandardCharsets.US_ASCII);
        }

        assertThat(written).isEqualTo(golden());
    }

    @Test
    void shouldReadWhatWasEverWritten() throws IOException {
        Map<String, String> golden = golden();
        for (Map.Entry<String, ControllerCommand> command : commands().entrySet()) {
            assertThat(ControllerCommand.parseFrom(bytes(golden.get(command.getKey()))))
                    .isEqualTo(command.getValue());
        }
        ClusterImage image = ClusterImageCodec.decode(ByteBuffer.wrap(bytes(golden.get("IMAGE"))));
        assertThat(ClusterImageCodec.toRecord(image)).isEqualTo(ClusterImageCodec.toRecord(image()));
        CheckpointFormat.Checkpoint checkpoint =
                CheckpointFormat.decode(GROUP, ByteBuffer.wrap(bytes(golden.get("CHECKPOINT"))));
        assertThat(checkpoint.position()).isEqualTo(POSITION);
        assertThat(ClusterImageCodec.encode(checkpoint.image())).isEqualTo(bytes(golden.get("IMAGE")));
    }

    @Test
    void shouldHoldALineForEveryCommandThereIs() {
        List<String> kinds = ControllerCommand.getDescriptor().getOneofs().get(0).getFields().stream()
                .map(FieldDescriptor::getName)
                .map(name -> name.toUpperCase(Locale.ROOT))
                .toList();

        assertThat(commands().keySet()).containsExactlyElementsOf(kinds);
    }

    /** What the commands make of an empty cluster: a change of any verdict shows in its bytes. */
    private static ClusterImage image() {
        Map<String, ControllerCommand> commands = commands();
        ClusterImage image = ClusterImage.EMPTY;
        for (String kind : SCRIPT) {
            ControllerCommand command = commands.get(kind);
            Decision decision = CommandDecider.decide(image, command);
            assertThat(decision.message()).as(kind).isEmpty();
            image = decision.image();
        }
        // a second topic, so that the image holds a topic and a tombstone
        return image.change(10_000)
                .topic(new TopicImage(
                        new TopicId(new UUID(1, 2)),
                        "audit",
                        10_000,
                        Map.of("segment_ms", "5", "retention_ms", "7"),
                        List.of(Wire.partition(assignment(0, 8)))))
                .build();
    }

    /** One of each kind, in the order of the message. */
    private static Map<String, ControllerCommand> commands() {
        Map<String, ControllerCommand> commands = new LinkedHashMap<>();
        commands.put(
                "FOUND_CLUSTER",
                at(1000).setFoundCluster(FoundCluster.newBuilder().setClusterId(TestCluster.CLUSTER_ID))
                        .build());
        commands.put(
                "REGISTER_BROKER",
                at(2000).setRegisterBroker(RegisterBroker.newBuilder()
                                .setNodeId(1)
                                .setIncarnation(TestCluster.incarnation(1))
                                .setProcessEpoch(4)
                                .setRack("r1")
                                .putListeners("raft", endpoint(8001))
                                .putListeners("grpc", endpoint(9092)))
                        .build());
        commands.put(
                "SET_BROKER_STATE",
                at(3000).setSetBrokerState(SetBrokerState.newBuilder()
                                .setNodeId(1)
                                .setProcessEpoch(4)
                                .setAlive(false))
                        .build());
        commands.put(
                "CREATE_TOPIC",
                at(4000).setCreateTopic(CreateTopicCommand.newBuilder()
                                .setName("orders")
                                .setTopicId(Wire.topicId(TOPIC))
                                .addPartitions(assignment(0, 1))
                                .putConfig("segment_bytes", "65536")
                                .putConfig("retention_ms", "1000"))
                        .build());
        commands.put(
                "DELETE_TOPIC",
                at(7000).setDeleteTopic(DeleteTopicCommand.newBuilder()
                                .setName("orders")
                                .setTopicId(Wire.topicId(TOPIC)))
                        .build());
        commands.put(
                "ALTER_TOPIC",
                at(5000).setAlterTopic(AlterTopicCommand.newBuilder()
                                .setName("orders")
                                .setTopicId(Wire.topicId(TOPIC))
                                .putSet("segment_ms", "9")
                                .addUnset("retention_ms"))
                        .build());
        commands.put(
                "ADD_PARTITIONS",
                at(6000).setAddPartitions(AddPartitionsCommand.newBuilder()
                                .setName("orders")
                                .setTopicId(Wire.topicId(TOPIC))
                                .addPartitions(assignment(1, 2)))
                        .build());
        commands.put(
                "CONFIRM_DELETION",
                at(8000).setConfirmDeletion(
                                ConfirmDeletion.newBuilder().setNodeId(2).setTopicId(Wire.topicId(TOPIC)))
                        .build());
        commands.put(
                "ALLOCATE_PRODUCER_IDS",
                at(9000).setAllocateProducerIds(
                                AllocateProducerIds.newBuilder().setNodeId(1).setCount(1000))
                        .build());
        return commands;
    }

    private static ControllerCommand.Builder at(long timestampMs) {
        return ControllerCommand.newBuilder().setTimestampMs(timestampMs);
    }

    private static Endpoint endpoint(int port) {
        return Endpoint.newBuilder().setHost("127.0.0.1").setPort(port).build();
    }

    private static PartitionAssignment assignment(int partition, int group) {
        return PartitionAssignment.newBuilder()
                .setPartition(partition)
                .setGroupId(new UUID(0xabcL, group).toString())
                .addReplicas(1)
                .addIncarnations(TestCluster.incarnation(1))
                .build();
    }

    private static Map<String, String> golden() throws IOException {
        Map<String, String> golden = new LinkedHashMap<>();
        for (String line : Files.readAllLines(GOLDEN, StandardCharsets.US_ASCII)) {
            int space = line.indexOf(' ');
            golden.put(line.substring(0, space), line.substring(space + 1));
        }
        return golden;
    }

    private static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] bytes(@Nullable String hex) {
        assertThat(hex).isNotNull();
        return HexFormat.of().parseHex(String.valueOf(hex));
    }
}
