package io.gq.it.cluster;

import com.google.protobuf.ByteString;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import io.gq.proto.v1.AdminGrpc;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.DescribeReplicaRequest;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.FetchPartition;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.FetchedPartition;
import io.gq.proto.v1.HelloRequest;
import io.gq.proto.v1.HelloResponse;
import io.gq.proto.v1.ListOffsetsPartition;
import io.gq.proto.v1.ListOffsetsRequest;
import io.gq.proto.v1.ListedOffset;
import io.gq.proto.v1.MetadataRequest;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.PeerGrpc;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.ReadLevel;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.TopicInfo;
import io.gq.proto.v1.TopicRef;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Speaks to one broker in plain gRPC, below the SDK: what a test sees here, no client library has mended. */
public final class RawClient implements AutoCloseable {

    /** Under which a refusal of an admin call travels. */
    public static final Metadata.Key<Error> ERROR_KEY =
            Metadata.Key.of("gq-error-bin", ProtoUtils.metadataMarshaller(Error.getDefaultInstance()));

    private static final int CALL_SECONDS = 15;
    private static final int RESPONSE_BYTES_MAX = 64 << 20;

    private final ManagedChannel channel;

    public RawClient(String address) {
        channel = NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .maxInboundMessageSize(RESPONSE_BYTES_MAX)
                .build();
    }

    /** One record with its place. */
    public record Row(long offset, @Nullable ByteBuffer key, ByteBuffer value) {}

    public ManagedChannel channel() {
        return channel;
    }

    public BrokerGrpc.BrokerBlockingStub broker() {
        return BrokerGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    public AdminGrpc.AdminBlockingStub admin() {
        return AdminGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    public HelloResponse hello() {
        return broker().hello(HelloRequest.newBuilder().setClientName("gq-it").build());
    }

    public MetadataResponse metadata(String... topics) {
        return broker().metadata(MetadataRequest.newBuilder()
                .addAllTopics(List.of(topics))
                .build());
    }

    /** The topic as this broker knows it. */
    public TopicInfo topic(String name) {
        return metadata(name).getTopics(0);
    }

    /** What this broker's replica of a group says of itself, with a digest of its committed records. */
    public ReplicaStatus replica(String groupId) {
        return PeerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                .describeReplica(DescribeReplicaRequest.newBuilder()
                        .setClusterId(hello().getClusterId())
                        .setGroupId(groupId)
                        .setWithDigest(true)
                        .build());
    }

    /** Sends one batch as it is, and waits for the answer. */
    public ProduceResponse produce(String topic, int partition, ByteBuffer batch, Duration timeout) {
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
                answer.completeExceptionally(new IllegalStateException("the stream ended without an answer"));
            }
        });
        requests.onNext(ProduceRequest.newBuilder()
                .setCorrelationId(1)
                .setTopic(ref(topic))
                .setPartition(partition)
                .setBatch(ByteString.copyFrom(batch.duplicate()))
                .setTimeoutMs((int) timeout.toMillis())
                .build());
        try {
            return answer.get(timeout.toMillis() + 5_000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("no answer to produce", e);
        } finally {
            requests.onCompleted();
        }
    }

    public FetchedPartition fetch(String topic, int partition, long offset, ReadLevel level) {
        return broker().fetch(FetchRequest.newBuilder()
                        .addPartitions(FetchPartition.newBuilder()
                                .setTopic(ref(topic))
                                .setPartition(partition)
                                .setOffset(offset)
                                .setMaxBytes(1 << 20))
                        .setMaxBytes(4 << 20)
                        .setReadLevel(level)
                        .build())
                .getPartitions(0);
    }

    public ListedOffset latest(String topic, int partition, ReadLevel level) {
        return broker().listOffsets(ListOffsetsRequest.newBuilder()
                        .addPartitions(ListOffsetsPartition.newBuilder()
                                .setTopic(ref(topic))
                                .setPartition(partition)
                                .setLatest(true))
                        .setReadLevel(level)
                        .build())
                .getPartitions(0);
    }

    /**
     * All committed records of this broker's replica, read from its log start up to its high watermark. Every batch's CRC is
     * checked.
     *
     * @throws IllegalStateException where the broker answers with an error
     */
    public Dump dump(String topic, int partition, ReadLevel level) {
        List<Row> rows = new ArrayList<>();
        long startOffset = -1;
        long offset = 0;
        while (true) {
            FetchedPartition fetched = fetch(topic, partition, offset, level);
            if (fetched.hasError() && fetched.getError().getName().equals("OFFSET_OUT_OF_RANGE") && startOffset < 0) {
                startOffset = fetched.getLogStartOffset();
                offset = startOffset;
                continue;
            }
            if (fetched.hasError()) {
                throw new IllegalStateException(
                        "fetch " + topic + "-" + partition + " at " + offset + ": " + fetched.getError());
            }
            if (startOffset < 0) {
                startOffset = fetched.getLogStartOffset();
            }
            long from = offset;
            ByteBuffer bytes = fetched.getBatches().asReadOnlyByteBuffer();
            for (RecordBatch batch : RecordBatches.in(bytes)) {
                batch.validate(RESPONSE_BYTES_MAX);
                for (Record record : batch.records()) {
                    if (record.offset() >= from) {
                        rows.add(new Row(
                                record.offset(),
                                record.key(),
                                Optional.ofNullable(record.value()).orElseThrow()));
                    }
                }
            }
            offset = Math.max(offset, fetched.getNextOffset());
            if (offset >= fetched.getHighWatermark()) {
                return new Dump(startOffset, fetched.getHighWatermark(), rows);
            }
            if (offset == from) {
                throw new IllegalStateException("fetch " + topic + "-" + partition + " at " + offset + " gives nothing"
                        + " (expected: records up to " + fetched.getHighWatermark() + ")");
            }
        }
    }

    /** Rows in {@code [startOffset, endOffset)}. */
    public record Dump(long startOffset, long endOffset, List<Row> rows) {}

    /** The broker's own error behind a refused unary call. */
    public static Error errorOf(StatusRuntimeException refused) {
        Metadata trailers = refused.getTrailers();
        Error error = trailers == null ? null : trailers.get(ERROR_KEY);
        if (error == null) {
            throw new AssertionError("no gq-error-bin trailer", refused);
        }
        return error;
    }

    private static TopicRef ref(String topic) {
        return TopicRef.newBuilder().setName(topic).build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
