package io.gq.broker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.gq.broker.grpc.FakeServices.Poll;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.FetchService.Fetched;
import io.gq.core.service.ReadLevel;
import io.gq.proto.v1.AllocateProducerIdRequest;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.FetchPartition;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.FetchResponse;
import io.gq.proto.v1.HelloRequest;
import io.gq.proto.v1.HelloResponse;
import io.gq.proto.v1.ListOffsetsPartition;
import io.gq.proto.v1.ListOffsetsRequest;
import io.gq.proto.v1.ListOffsetsResponse;
import io.gq.proto.v1.MetadataRequest;
import io.gq.proto.v1.TopicRef;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BrokerEndpointTest {

    @Test
    void shouldSayHelloWithClusterVersionsAndLimits() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            BrokerGrpc.BrokerBlockingStub stub = BrokerGrpc.newBlockingStub(f.channel());

            HelloResponse hello = stub.hello(HelloRequest.getDefaultInstance());
            assertThat(hello.getClusterId()).isEqualTo("cluster-a");
            assertThat(hello.getNodeId()).isEqualTo(1);
            assertThat(hello.getApiVersionMin()).isEqualTo(1);
            assertThat(hello.getApiVersionMax()).isEqualTo(1);
            assertThat(hello.getFeatureLevel()).isEqualTo(1);
            assertThat(hello.getMessageBytesMax()).isEqualTo(FakeServices.MESSAGE_BYTES_MAX);
            assertThat(hello.hasError()).isFalse();

            HelloResponse other = stub.hello(
                    HelloRequest.newBuilder().setExpectedClusterId("cluster-b").build());
            assertThat(other.getError().getName()).isEqualTo("CLUSTER_MISMATCH");
            f.services.clusterId = "";
            assertThat(stub.hello(HelloRequest.getDefaultInstance()).getError().getName())
                    .isEqualTo("NOT_READY");
        }
    }

    @Test
    void shouldAnswerMetadataAndProducerIdsFromTheNode() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            BrokerGrpc.BrokerBlockingStub stub = BrokerGrpc.newBlockingStub(f.channel());
            assertThat(stub.metadata(MetadataRequest.newBuilder()
                                    .addTopics("logs")
                                    .build())
                            .getTopics(0)
                            .getName())
                    .isEqualTo("logs");
            assertThat(stub.allocateProducerId(AllocateProducerIdRequest.getDefaultInstance())
                            .getProducerId())
                    .isEqualTo(4711);
        }
    }

    @Test
    void shouldTellBrokersByTheListenerTheCallCameInBy() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("listeners.outside.bind=127.0.0.1:0")) {
            for (String listener : List.of("grpc", "outside")) {
                BrokerGrpc.BrokerBlockingStub stub = BrokerGrpc.newBlockingStub(f.channel(listener));

                assertThat(stub.metadata(MetadataRequest.getDefaultInstance())
                                .getBrokers(0)
                                .getEndpoint()
                                .getHost())
                        .isEqualTo(listener + ".test");
                ListOffsetsResponse listed = stub.listOffsets(ListOffsetsRequest.newBuilder()
                        .addPartitions(ListOffsetsPartition.newBuilder()
                                .setTopic(TopicRef.newBuilder().setName("logs"))
                                .setEarliest(true))
                        .build());
                assertThat(listed.getPartitions(0)
                                .getError()
                                .getLeader()
                                .getEndpoint()
                                .getHost())
                        .as("leader hint")
                        .isEqualTo(listener + ".test");
            }
        }
    }

    @Test
    void shouldPassAFetchOnWithinLimitsAndAnswerInRequestOrder() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("fetch.wait_max=2s", "fetch.response_bytes_max=1MB")) {
            ListenableFuture<FetchResponse> call = BrokerGrpc.newFutureStub(f.channel())
                    .fetch(FetchRequest.newBuilder()
                            .addPartitions(partition("logs", 0, 5).toBuilder()
                                    .setMaxBytes(1000)
                                    .setMaxRecords(10)
                                    .setHighWatermarkSeen(9))
                            .addPartitions(partition("logs", 1, 6))
                            .setMaxWaitMs(60_000)
                            .setMinBytes(1)
                            .build());
            Poll poll = f.services.nextPoll();
            assertThat(poll.query().waitMax()).isEqualTo(Duration.ofSeconds(2));
            assertThat(poll.query().bytesMax()).isEqualTo(1 << 20);
            assertThat(poll.query().bytesMin()).isEqualTo(1);
            assertThat(poll.query().level()).isEqualTo(ReadLevel.COMMITTED);
            assertThat(poll.query().partitions().get(0).bytesMax()).isEqualTo(1000);
            assertThat(poll.query().partitions().get(0).recordsMax()).isEqualTo(10);
            assertThat(poll.query().partitions().get(0).highWatermarkSeen()).isEqualTo(9);
            assertThat(poll.query().partitions().get(1).bytesMax()).isEqualTo(4 << 20);
            assertThat(call.isDone()).isFalse();

            poll.answer()
                    .complete(List.of(
                            new Fetched(ByteBuffer.wrap(new byte[] {1, 2, 3}), 20, 2, 8, null),
                            new Fetched(
                                    ByteBuffer.allocate(0),
                                    -1,
                                    -1,
                                    6,
                                    new BrokerException(ErrorCode.NOT_LEADER, "node: 1 (expected: 3)"))));
            FetchResponse response = call.get(10, TimeUnit.SECONDS);
            assertThat(response.getPartitions(0).getBatches()).isEqualTo(ByteString.copyFrom(new byte[] {1, 2, 3}));
            assertThat(response.getPartitions(0).getHighWatermark()).isEqualTo(20);
            assertThat(response.getPartitions(0).getNextOffset()).isEqualTo(8);
            assertThat(response.getPartitions(1).getPartition()).isEqualTo(1);
            assertThat(response.getPartitions(1).getError().getLeader().getNodeId())
                    .isEqualTo(3);
        }
    }

    @Test
    void shouldAskTheLeaderWhenFollowerReadsAreOff() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("fetch.follower_reads=false")) {
            ListenableFuture<FetchResponse> call =
                    BrokerGrpc.newFutureStub(f.channel()).fetch(fetch(partition("logs", 0, 0)));
            assertThat(f.services.nextPoll().query().level()).isEqualTo(ReadLevel.LEADER);
            call.cancel(true);
        }
    }

    @Test
    void shouldCallOffTheServicesWaitWhenTheCallerGoesAway() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ListenableFuture<FetchResponse> call =
                    BrokerGrpc.newFutureStub(f.channel()).fetch(fetch(partition("logs", 0, 0)));
            Poll poll = f.services.nextPoll();
            call.cancel(true);
            await().until(poll.answer()::isCancelled);
        }
    }

    @Test
    void shouldThrottleAConnectionThatDoesNotTakeItsAnswers() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("fetch.connection_bytes_max=64KB")) {
            ManagedChannel channel = f.channel();
            // a caller that never asks for the answer's message: it stays in the broker
            ClientCall<FetchRequest, FetchResponse> lazy =
                    channel.newCall(BrokerGrpc.getFetchMethod(), io.grpc.CallOptions.DEFAULT);
            lazy.start(new ClientCall.Listener<>() {}, new Metadata());
            lazy.sendMessage(fetch(partition("logs", 0, 0)));
            lazy.halfClose();
            answer(f.services.nextPoll(), 16 << 20);

            ListenableFuture<FetchResponse> next =
                    BrokerGrpc.newFutureStub(channel).fetch(fetch(partition("logs", 0, 7)));
            FetchResponse throttled = next.get(10, TimeUnit.SECONDS);
            assertThat(throttled.getPartitions(0).getError().getName()).isEqualTo("THROTTLED");
            assertThat(throttled.getPartitions(0).getError().getRetryAfterMs()).isPositive();
            assertThat(throttled.getPartitions(0).getNextOffset()).isEqualTo(7);

            lazy.cancel("enough", null);
            await().untilAsserted(() -> {
                ListenableFuture<FetchResponse> again =
                        BrokerGrpc.newFutureStub(channel).fetch(fetch(partition("logs", 0, 0)));
                Poll poll = f.services.polls.poll(200, TimeUnit.MILLISECONDS);
                assertThat(poll).isNotNull();
                answer(poll, 10);
                assertThat(again.get(10, TimeUnit.SECONDS).getPartitions(0).hasError())
                        .isFalse();
            });
        }
    }

    @Test
    void shouldEndLongPollsWhenDrainedAndRefuseFurtherCalls() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            BrokerGrpc.BrokerFutureStub stub = BrokerGrpc.newFutureStub(f.channel());
            ListenableFuture<FetchResponse> call = stub.fetch(fetch(partition("logs", 0, 0)));
            Poll poll = f.services.nextPoll();
            f.endpoint.drain();
            assertCode(call, ErrorCode.SHUTTING_DOWN);
            assertThat(poll.answer()).isCompletedExceptionally();
            assertThat(catchThrowableOfType(CancellationException.class, poll.answer()::join))
                    .isNotNull();
            assertCode(stub.fetch(fetch(partition("logs", 0, 0))), ErrorCode.SHUTTING_DOWN);
            assertCode(stub.hello(HelloRequest.getDefaultInstance()), ErrorCode.SHUTTING_DOWN);
        }
    }

    @Test
    void shouldListOffsetsWithAnErrorForEachPartition() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ListOffsetsPartition.Builder p = ListOffsetsPartition.newBuilder()
                    .setTopic(TopicRef.newBuilder().setName("logs"));
            ListOffsetsResponse response = BrokerGrpc.newBlockingStub(f.channel())
                    .listOffsets(ListOffsetsRequest.newBuilder()
                            .addPartitions(p.clone().setPartition(0).setLatest(true))
                            .addPartitions(p.clone().setPartition(1).setTimestampMs(50))
                            .addPartitions(p.clone().setPartition(2).setEarliest(true))
                            .build());
            assertThat(response.getPartitions(0).getOffset()).isEqualTo(100);
            assertThat(response.getPartitions(1).getOffset()).isEqualTo(5);
            assertThat(response.getPartitions(1).getTimestampMs()).isEqualTo(50);
            assertThat(response.getPartitions(2).getError().getLeader().getNodeId())
                    .isEqualTo(3);
            assertThat(response.getPartitions(2).getPartition()).isEqualTo(2);
        }
    }

    @Test
    void shouldRefuseRequestsNoClientShouldSend() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("fetch.partitions_max=2")) {
            BrokerGrpc.BrokerFutureStub stub = BrokerGrpc.newFutureStub(f.channel());
            FetchPartition good = partition("logs", 0, 0);
            List<FetchRequest> bad = new ArrayList<>(List.of(
                    FetchRequest.getDefaultInstance(),
                    fetch(good, good, good),
                    fetch(good.toBuilder().setMaxBytes(-1).build()),
                    fetch(good.toBuilder().setMaxRecords(-1).build()),
                    fetch(good.toBuilder().clearTopic().build()),
                    fetch(good).toBuilder().setMaxWaitMs(-1).build(),
                    fetch(good).toBuilder().setReadLevelValue(99).build()));
            for (FetchRequest request : bad) {
                assertCode(stub.fetch(request), ErrorCode.INVALID_REQUEST);
            }
            assertCode(stub.fetch(fetch(good.toBuilder().setPartition(-1).build())), ErrorCode.UNKNOWN_PARTITION);
            assertCode(
                    stub.listOffsets(ListOffsetsRequest.newBuilder()
                            .addPartitions(ListOffsetsPartition.newBuilder().setTopic(good.getTopic()))
                            .build()),
                    ErrorCode.INVALID_REQUEST);
            assertThat(f.services.polls).isEmpty();
        }
    }

    private static void answer(Poll poll, int bytes) {
        poll.answer().complete(List.of(new Fetched(ByteBuffer.allocate(bytes), 1, 0, 1, null)));
    }

    private static FetchRequest fetch(FetchPartition... partitions) {
        return FetchRequest.newBuilder()
                .addAllPartitions(List.of(partitions))
                .setMaxWaitMs(10_000)
                .build();
    }

    private static FetchPartition partition(String topic, int partition, long offset) {
        return FetchPartition.newBuilder()
                .setTopic(TopicRef.newBuilder().setName(topic))
                .setPartition(partition)
                .setOffset(offset)
                .build();
    }

    private static void assertCode(ListenableFuture<?> call, ErrorCode code) {
        Exception e = catchThrowableOfType(Exception.class, () -> call.get(10, TimeUnit.SECONDS));
        assertThat(e).hasCauseInstanceOf(StatusRuntimeException.class);
        assertThat(ErrorMapping.toBrokerException(e).code()).isEqualTo(code);
        assertThat(((StatusRuntimeException) e.getCause()).getStatus().getCode())
                .isNotEqualTo(Status.Code.UNKNOWN);
    }
}
