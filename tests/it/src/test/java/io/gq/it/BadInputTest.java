package io.gq.it;

import static io.gq.it.cluster.Topics.batch;
import static io.gq.it.cluster.Topics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.gq.core.ErrorCode;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.AddPartitionsRequest;
import io.gq.proto.v1.AlterTopicRequest;
import io.gq.proto.v1.CreateTopicRequest;
import io.gq.proto.v1.DeleteTopicRequest;
import io.gq.proto.v1.DescribeTopicRequest;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.FetchPartition;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.HelloRequest;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.ReadLevel;
import io.gq.proto.v1.TopicRef;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of bad input is refused with its code, in words that carry name, value and expectation, and harms nothing. */
@Tag("cluster")
@Order(1)
@SharedCluster(SharedCluster.CALM)
class BadInputTest {

    private static final String TOPIC = "bad-input";

    private Topics topics;
    private RawClient client;

    @BeforeEach
    void openTopic(ClusterFixture cluster) {
        topics = new Topics(cluster);
        if (topics.info(TOPIC).hasError()) {
            topics.create(TOPIC, 1, 3);
        }
        client = new RawClient(topics.leader(TOPIC, 0).address());
    }

    @AfterEach
    void shouldStillTakeWrites() {
        client.close();
        assertThat(topics.append(TOPIC, 0, bytes("after the bad input"))).isGreaterThanOrEqualTo(0);
    }

    @Test
    void shouldRefuseProduceWhenTopicIsUnknown() {
        assertError(
                client.produce("no-such-topic", 0, batch(bytes("x")), Duration.ofSeconds(5))
                        .getError(),
                ErrorCode.UNKNOWN_TOPIC,
                "no-such-topic");
    }

    @Test
    void shouldRefuseProduceWhenPartitionIsOutOfRange() {
        assertError(
                client.produce(TOPIC, 7, batch(bytes("x")), Duration.ofSeconds(5))
                        .getError(),
                ErrorCode.UNKNOWN_PARTITION,
                "7");
    }

    @Test
    void shouldRefuseFetchWhenTopicIsUnknown() {
        assertError(
                client.fetch("no-such-topic", 0, 0, ReadLevel.READ_LEVEL_COMMITTED)
                        .getError(),
                ErrorCode.UNKNOWN_TOPIC,
                "no-such-topic");
    }

    @Test
    void shouldRefuseFetchWhenPartitionIsOutOfRange() {
        assertError(
                client.fetch(TOPIC, 7, 0, ReadLevel.READ_LEVEL_COMMITTED).getError(), ErrorCode.UNKNOWN_PARTITION, "7");
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000_000_000L, -2})
    void shouldRefuseFetchWhenOffsetIsOutOfRange(long offset) {
        assertError(
                client.fetch(TOPIC, 0, offset, ReadLevel.READ_LEVEL_COMMITTED).getError(),
                ErrorCode.OFFSET_OUT_OF_RANGE,
                Long.toString(offset));
    }

    @Test
    void shouldRefuseRequestWhenTopicIdIsOfAnotherTopic() {
        Error error = client.broker()
                .fetch(FetchRequest.newBuilder()
                        .addPartitions(FetchPartition.newBuilder()
                                .setTopic(TopicRef.newBuilder().setName(TOPIC).setId(ByteString.copyFrom(new byte[16])))
                                .setMaxBytes(1024))
                        .setMaxBytes(1024)
                        .build())
                .getPartitions(0)
                .getError();

        assertError(error, ErrorCode.UNKNOWN_TOPIC_ID, "");
    }

    @Test
    void shouldRefuseRecordWhenAboveMaxMessageSize() {
        int max = client.hello().getMessageBytesMax();

        assertError(
                client.produce(TOPIC, 0, batch(new byte[max]), Duration.ofSeconds(5))
                        .getError(),
                ErrorCode.MESSAGE_TOO_LARGE,
                Integer.toString(max));
    }

    @Test
    void shouldRefuseBatchWhenCrcDoesNotMatch() {
        ByteBuffer damaged = batch(bytes("a value whose bits flip on the way"));
        damaged.put(damaged.limit() - 3, (byte) ~damaged.get(damaged.limit() - 3));

        assertError(produce(damaged), ErrorCode.CORRUPT_BATCH, "crc");
    }

    @Test
    void shouldRefuseBatchWhenCutShort() {
        ByteBuffer cut = batch(bytes("a value that loses its end"));
        cut.limit(cut.limit() - 5);

        assertError(produce(cut.slice()), ErrorCode.CORRUPT_BATCH, "");
    }

    @Test
    void shouldRefuseBatchWhenEmpty() {
        assertError(produce(ByteBuffer.allocate(0)), ErrorCode.INVALID_REQUEST, "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "with space", "a/b", "umlaut-ä"})
    void shouldRefuseTopicWhenNameIsInvalid(String name) {
        assertRefused(c -> c.admin().createTopic(create(name, 1, 3)), ErrorCode.INVALID_TOPIC, name);
    }

    @Test
    void shouldRefuseTopicWhenNameIsTooLong() {
        assertRefused(c -> c.admin().createTopic(create("x".repeat(250), 1, 3)), ErrorCode.INVALID_TOPIC, "249");
    }

    @Test
    void shouldRefuseTopicWhenItExists() {
        assertRefused(c -> c.admin().createTopic(create(TOPIC, 1, 3)), ErrorCode.TOPIC_EXISTS, TOPIC);
    }

    @Test
    void shouldRefuseTopicWhenReplicasAreAboveBrokersAlive() {
        assertRefused(c -> c.admin().createTopic(create("too-many", 1, 4)), ErrorCode.INVALID_REPLICAS, "4");
    }

    @Test
    void shouldRefuseTopicWhenPartitionsAreNegative() {
        assertRefused(c -> c.admin().createTopic(create("negative", -1, 3)), ErrorCode.INVALID_PARTITIONS, "-1");
    }

    @Test
    void shouldRefuseTopicWhenSettingIsUnknown() {
        assertRefused(
                c -> c.admin()
                        .createTopic(create("odd", 1, 3).toBuilder()
                                .putConfig("retention_mss", "1")
                                .build()),
                ErrorCode.INVALID_CONFIG,
                "retention_mss");
    }

    @Test
    void shouldRefuseAlterWhenValueIsInvalid() {
        assertRefused(
                c -> c.admin()
                        .alterTopic(AlterTopicRequest.newBuilder()
                                .setName(TOPIC)
                                .putSet("retention_ms", "soon")
                                .build()),
                ErrorCode.INVALID_CONFIG,
                "soon");
    }

    @Test
    void shouldRefuseAddPartitionsWhenNotMore() {
        assertRefused(
                c -> c.admin()
                        .addPartitions(AddPartitionsRequest.newBuilder()
                                .setName(TOPIC)
                                .setPartitions(1)
                                .build()),
                ErrorCode.INVALID_PARTITIONS,
                "1");
    }

    @Test
    void shouldRefuseAdminCallsWhenTopicIsUnknown() {
        assertRefused(
                c -> c.admin()
                        .describeTopic(DescribeTopicRequest.newBuilder()
                                .setName("nowhere")
                                .build()),
                ErrorCode.UNKNOWN_TOPIC,
                "nowhere");
        assertRefused(
                c -> c.admin()
                        .deleteTopic(DeleteTopicRequest.newBuilder()
                                .setName("nowhere")
                                .build()),
                ErrorCode.UNKNOWN_TOPIC,
                "nowhere");
        assertRefused(
                c -> c.admin()
                        .alterTopic(AlterTopicRequest.newBuilder()
                                .setName("nowhere")
                                .build()),
                ErrorCode.UNKNOWN_TOPIC,
                "nowhere");
    }

    @Test
    void shouldRefuseGreetingWhenClusterIsAnother() {
        Error error = client.broker()
                .hello(HelloRequest.newBuilder()
                        .setExpectedClusterId("00000000-0000-0000-0000-000000000000")
                        .build())
                .getError();

        assertError(error, ErrorCode.CLUSTER_MISMATCH, "00000000-0000-0000-0000-000000000000");
    }

    @Test
    void shouldSendProducerToLeaderWhenFollowerIsAsked() {
        try (RawClient follower =
                new RawClient(topics.followers(TOPIC, 0).get(0).address())) {
            ProduceResponse answer = follower.produce(TOPIC, 0, batch(bytes("x")), Duration.ofSeconds(5));

            assertThat(answer.getError().getName()).isEqualTo(ErrorCode.NOT_LEADER.name());
            assertThat(answer.getError().getLeader().getNodeId())
                    .isEqualTo(topics.leader(TOPIC, 0).node());
            assertThat(answer.getError().getLeader().getEndpoint().getPort())
                    .isEqualTo(topics.leader(TOPIC, 0).ports().grpc());
        }
    }

    private Error produce(ByteBuffer batch) {
        return client.produce(TOPIC, 0, batch, Duration.ofSeconds(5)).getError();
    }

    private static CreateTopicRequest create(String name, int partitions, int replicas) {
        return CreateTopicRequest.newBuilder()
                .setName(name)
                .setPartitions(partitions)
                .setReplicas(replicas)
                .build();
    }

    private void assertRefused(Consumer<RawClient> call, ErrorCode code, String value) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, () -> call.accept(client));
        assertThat(refused).as("refused with " + code).isNotNull();
        assertError(RawClient.errorOf(refused), code, value);
    }

    private static void assertError(Error error, ErrorCode code, String value) {
        assertThat(error.getName()).as(error.toString()).isEqualTo(code.name());
        assertThat(error.getNumber()).isEqualTo(code.number());
        assertThat(error.getMessage()).contains(value);
        assertThat(error.getHint()).isNotEmpty();
        assertThat(error.getRetriable()).isEqualTo(code.retriable());
    }
}
