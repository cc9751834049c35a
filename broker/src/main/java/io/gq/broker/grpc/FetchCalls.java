package io.gq.broker.grpc;

import com.google.protobuf.UnsafeByteOperations;
import io.gq.broker.config.FetchConfig;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.FetchService;
import io.gq.core.service.FetchService.FetchQuery;
import io.gq.core.service.FetchService.Fetched;
import io.gq.core.service.FetchService.OffsetQuery;
import io.gq.core.service.FetchService.PartitionQuery;
import io.gq.core.service.ReadLevel;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.FetchPartition;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.FetchResponse;
import io.gq.proto.v1.FetchedPartition;
import io.gq.proto.v1.ListOffsetsPartition;
import io.gq.proto.v1.ListOffsetsRequest;
import io.gq.proto.v1.ListOffsetsResponse;
import io.gq.proto.v1.ListedOffset;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/** Reads: one long poll a call. Bytes go from the service's buffers into the answer without a copy. Safe for use by many threads. */
final class FetchCalls {

    private final FetchService service;
    private final NodeView node;
    private final FetchConfig config;
    private final ByteBudget process;
    private final LongSupplier nanoTime;
    private final FrontDoorMetrics metrics;

    FetchCalls(
            FetchService service, NodeView node, FetchConfig config, LongSupplier nanoTime, FrontDoorMetrics metrics) {
        this.service = service;
        this.node = node;
        this.config = config;
        this.process = new ByteBudget(config.processBytesMax().bytes());
        this.nanoTime = nanoTime;
        this.metrics = metrics;
    }

    /**
     * Answers the call when the service does. To be called before gRPC's call handler returns.
     *
     * @return what is waited for: cancelled when the caller goes away, and to be cancelled when the broker stops
     */
    CompletableFuture<?> fetch(
            Connection connection, FetchRequest request, ServerCallStreamObserver<FetchResponse> out) {
        FetchQuery query = query(request);
        if (!connection.fetchBytes().hasRoom() || !process.hasRoom()) {
            reply(out, throttled(request));
            return CompletableFuture.completedFuture(null);
        }
        FetchCharge charge = new FetchCharge(connection.fetchBytes(), process);
        long start = nanoTime.getAsLong();
        CompletableFuture<List<Fetched>> polled = service.fetch(connection.principal(), query);
        out.setOnCloseHandler(charge::release);
        out.setOnCancelHandler(() -> {
            charge.release();
            polled.cancel(true);
        });
        Answers.whenDone(polled, (fetched, failure) -> {
            if (failure != null) {
                fail(out, failure);
            } else {
                send(connection, charge, request, fetched, start, out);
            }
        });
        return polled;
    }

    void listOffsets(
            Connection connection, ListOffsetsRequest request, ServerCallStreamObserver<ListOffsetsResponse> out) {
        List<OffsetQuery> queries = new ArrayList<>();
        for (ListOffsetsPartition p : checkCount(request.getPartitionsList())) {
            queries.add(new OffsetQuery(
                    Requests.topic(p.getTopic()), Requests.partition(p.getPartition()), Requests.at(p)));
        }
        Answers.whenDone(
                service.listOffsets(connection.principal(), queries, level(request.getReadLevel())),
                (listed, failure) -> {
                    if (failure != null) {
                        fail(out, failure);
                        return;
                    }
                    ListOffsetsResponse.Builder response = ListOffsetsResponse.newBuilder();
                    for (int i = 0; i < listed.size(); i++) {
                        FetchService.Listed l = listed.get(i);
                        ListedOffset.Builder b = ListedOffset.newBuilder()
                                .setTopicId(request.getPartitions(i).getTopic().getId())
                                .setPartition(request.getPartitions(i).getPartition())
                                .setOffset(l.offset())
                                .setTimestampMs(l.timestampMs())
                                .setTerm(l.term());
                        if (l.error() != null) {
                            b.setError(error(
                                    connection,
                                    l.error(),
                                    queries.get(i).topic(),
                                    queries.get(i).partition()));
                        }
                        response.addPartitions(b);
                    }
                    reply(out, response.build());
                });
    }

    private FetchQuery query(FetchRequest request) {
        List<PartitionQuery> partitions = new ArrayList<>();
        for (FetchPartition p : checkCount(request.getPartitionsList())) {
            partitions.add(new PartitionQuery(
                    Requests.topic(p.getTopic()),
                    Requests.partition(p.getPartition()),
                    p.getOffset(),
                    Requests.atMost(
                            "max_bytes",
                            p.getMaxBytes(),
                            config.partitionBytesMax().bytes()),
                    Requests.notNegative("max_records", p.getMaxRecords()),
                    p.getHighWatermarkSeen()));
        }
        Duration wait = Duration.ofMillis(Requests.notNegative("max_wait_ms", request.getMaxWaitMs()));
        return new FetchQuery(
                partitions,
                wait.compareTo(config.waitMax()) < 0 ? wait : config.waitMax(),
                Requests.notNegative("min_bytes", request.getMinBytes()),
                Requests.atMost(
                        "max_bytes",
                        request.getMaxBytes(),
                        config.responseBytesMax().bytes()),
                level(request.getReadLevel()));
    }

    private void send(
            Connection connection,
            FetchCharge charge,
            FetchRequest request,
            List<Fetched> fetched,
            long start,
            ServerCallStreamObserver<FetchResponse> out) {
        long bytes = fetched.stream().mapToLong(f -> f.batches().remaining()).sum();
        if (!charge.tryCharge(bytes)) {
            reply(out, throttled(request));
            return;
        }
        FetchResponse.Builder response = FetchResponse.newBuilder();
        for (int i = 0; i < fetched.size(); i++) {
            response.addPartitions(partition(connection, request.getPartitions(i), fetched.get(i)));
        }
        metrics.fetchDone(bytes, nanoTime.getAsLong() - start);
        reply(out, response.build());
    }

    private FetchedPartition partition(Connection connection, FetchPartition asked, Fetched f) {
        FetchedPartition.Builder b = FetchedPartition.newBuilder()
                .setTopicId(asked.getTopic().getId())
                .setPartition(asked.getPartition())
                .setBatches(UnsafeByteOperations.unsafeWrap(f.batches()))
                .setHighWatermark(f.highWatermark())
                .setLogStartOffset(f.logStartOffset())
                .setNextOffset(f.nextOffset());
        BrokerException e = f.error();
        if (e != null) {
            b.setError(error(connection, e, Requests.topic(asked.getTopic()), asked.getPartition()));
        }
        return b.build();
    }

    private io.gq.proto.v1.Error error(Connection connection, BrokerException e, TopicSpec topic, int partition) {
        metrics.refused(e.code());
        return ErrorMapping.toProto(
                e,
                e.code() == ErrorCode.NOT_LEADER
                        ? node.leader(connection.listener(), topic, partition)
                        : Optional.empty());
    }

    private FetchResponse throttled(FetchRequest request) {
        BrokerException e = new BrokerException(
                ErrorCode.THROTTLED,
                "answers not written out yet: over the budget (expected: below fetch.connection_bytes_max and"
                        + " fetch.process_bytes_max)");
        FetchResponse.Builder response = FetchResponse.newBuilder();
        for (FetchPartition p : request.getPartitionsList()) {
            metrics.refused(e.code());
            response.addPartitions(FetchedPartition.newBuilder()
                    .setTopicId(p.getTopic().getId())
                    .setPartition(p.getPartition())
                    .setHighWatermark(-1)
                    .setLogStartOffset(-1)
                    .setNextOffset(p.getOffset())
                    .setError(ErrorMapping.toProto(e)));
        }
        return response.build();
    }

    private ReadLevel level(io.gq.proto.v1.ReadLevel asked) {
        ReadLevel level = Requests.level(asked);
        return level == ReadLevel.COMMITTED && !config.followerReads() ? ReadLevel.LEADER : level;
    }

    private <T> List<T> checkCount(List<T> partitions) {
        if (partitions.isEmpty() || partitions.size() > config.partitionsMax()) {
            throw Requests.invalid("partitions", partitions.size(), "1 to " + config.partitionsMax());
        }
        return partitions;
    }

    private void fail(ServerCallStreamObserver<?> out, Throwable failure) {
        metrics.refused(ErrorMapping.toBrokerException(failure).code());
        if (out.isCancelled()) {
            return;
        }
        out.onError(ErrorMapping.toStatus(failure));
    }

    private static <T> void reply(ServerCallStreamObserver<T> out, T response) {
        if (out.isCancelled()) {
            return;
        }
        out.onNext(response);
        out.onCompleted();
    }
}
