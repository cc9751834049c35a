package io.gq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.BrokerFlags;
import io.gq.broker.config.ConfigLoader;
import io.gq.broker.security.Authorizer;
import io.gq.broker.security.Resource;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.FetchPartition;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.ListOffsetsPartition;
import io.gq.proto.v1.ListOffsetsRequest;
import io.gq.proto.v1.MetadataRequest;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.TopicRef;
import io.gq.testing.Ports;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole node, alone, as it is put together in production. */
@Timeout(60)
class BrokerTest {

    private static final Authorizer NO_SECRETS =
            (principal, operation, resource) -> !resource.equals(Resource.topic("secret"));

    @Test
    void shouldAskForEachTopicAndTellEachListenersOwnAddress(@TempDir Path dir) throws Exception {
        int inside = Ports.free();
        int outside = Ports.free();
        try (Broker broker = new Broker(config(dir, inside, outside), NO_SECRETS)) {
            broker.start();
            ManagedChannel channel = channel(inside);
            ManagedChannel outsideChannel = channel(outside);
            try {
                assertThat(registeredAt(channel).getPort()).isEqualTo(inside);
                assertThat(registeredAt(outsideChannel).getPort()).isEqualTo(outside);

                assertThat(produce(channel, "secret")).isEqualTo(ErrorCode.UNAUTHORIZED.name());
                assertThat(produce(channel, "open")).isEqualTo(ErrorCode.UNKNOWN_TOPIC.name());
                assertThat(fetch(channel, "secret")).isEqualTo(ErrorCode.UNAUTHORIZED.name());
                assertThat(fetch(channel, "open")).isEqualTo(ErrorCode.UNKNOWN_TOPIC.name());
                assertThat(listOffsets(channel, "secret")).isEqualTo(ErrorCode.UNAUTHORIZED.name());
                assertThat(listOffsets(channel, "open")).isEqualTo(ErrorCode.UNKNOWN_TOPIC.name());
            } finally {
                channel.shutdownNow();
                outsideChannel.shutdownNow();
            }
        }
    }

    private static BrokerConfig config(Path dir, int inside, int outside) {
        return ConfigLoader.load(
                        new BrokerFlags(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(dir.toString()),
                                List.of(
                                        "controllers=1@127.0.0.1:" + inside,
                                        "listeners.grpc.bind=127.0.0.1:" + inside,
                                        "listeners.outside.bind=127.0.0.1:" + outside,
                                        "listeners.raft.bind=127.0.0.1:0",
                                        "listeners.raft_replicated.bind=127.0.0.1:0",
                                        "listeners.controller.bind=127.0.0.1:0",
                                        "listeners.http.bind=127.0.0.1:0",
                                        "shutdown.transfer_timeout=1s")),
                        Map.of())
                .config();
    }

    private static String produce(ManagedChannel channel, String topic) throws Exception {
        CompletableFuture<ProduceResponse> answer = new CompletableFuture<>();
        StreamObserver<ProduceRequest> requests = BrokerGrpc.newStub(channel).produce(new StreamObserver<>() {
            @Override
            public void onNext(ProduceResponse response) {
                answer.complete(response);
            }

            @Override
            public void onError(Throwable t) {
                answer.completeExceptionally(t);
            }

            @Override
            public void onCompleted() {
                answer.completeExceptionally(new AssertionError("no answer"));
            }
        });
        requests.onNext(ProduceRequest.newBuilder()
                .setTopic(ref(topic))
                .setBatch(ByteString.copyFrom(new byte[100]))
                .build());
        String error = answer.get(20, TimeUnit.SECONDS).getError().getName();
        requests.onCompleted();
        return error;
    }

    private static String fetch(ManagedChannel channel, String topic) {
        return stub(channel)
                .fetch(FetchRequest.newBuilder()
                        .addPartitions(FetchPartition.newBuilder().setTopic(ref(topic)))
                        .build())
                .getPartitions(0)
                .getError()
                .getName();
    }

    private static String listOffsets(ManagedChannel channel, String topic) {
        return stub(channel)
                .listOffsets(ListOffsetsRequest.newBuilder()
                        .addPartitions(ListOffsetsPartition.newBuilder()
                                .setTopic(ref(topic))
                                .setLatest(true))
                        .build())
                .getPartitions(0)
                .getError()
                .getName();
    }

    /** Where the one broker is, once it is registered. */
    private static Endpoint registeredAt(ManagedChannel channel) {
        return await().atMost(Duration.ofSeconds(30))
                .ignoreException(StatusRuntimeException.class)
                .until(
                        () -> stub(channel).metadata(MetadataRequest.getDefaultInstance()),
                        (MetadataResponse metadata) -> metadata.getBrokersCount() == 1)
                .getBrokers(0)
                .getEndpoint();
    }

    private static BrokerGrpc.BrokerBlockingStub stub(ManagedChannel channel) {
        return BrokerGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private static TopicRef ref(String topic) {
        return TopicRef.newBuilder().setName(topic).build();
    }

    private static ManagedChannel channel(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }
}
