package io.gq.client.fake;

import com.google.protobuf.ByteString;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import io.gq.proto.v1.AllocateProducerIdRequest;
import io.gq.proto.v1.AllocateProducerIdResponse;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.FetchPartition;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.FetchResponse;
import io.gq.proto.v1.FetchedPartition;
import io.gq.proto.v1.HelloRequest;
import io.gq.proto.v1.HelloResponse;
import io.gq.proto.v1.LeaderNews;
import io.gq.proto.v1.ListOffsetsPartition;
import io.gq.proto.v1.ListOffsetsRequest;
import io.gq.proto.v1.ListOffsetsResponse;
import io.gq.proto.v1.ListedOffset;
import io.gq.proto.v1.MetadataRequest;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.NewLeader;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.ReadLevel;
import io.gq.proto.v1.WatchLeadersRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What producers and consumers call. */
final class FakeBrokerService extends BrokerGrpc.BrokerImplBase {

    private static final int DELAY_MS = 15;
    private static final int WATCH_BEAT_MS = 500;

    private final FakeCluster cluster;
    private final FakeBroker broker;

    FakeBrokerService(FakeCluster cluster, FakeBroker broker) {
        this.cluster = cluster;
        this.broker = broker;
    }

    @Override
    public void hello(HelloRequest request, StreamObserver<HelloResponse> out) {
        broker.awaitUnfrozen();
        HelloResponse.Builder answer = HelloResponse.newBuilder()
                .setClusterId(broker.claimedCluster())
                .setNodeId(broker.node())
                .setApiVersionMin(1)
                .setApiVersionMax(1)
                .setFeatureLevel(1)
                .setMessageBytesMax(1 << 20);
        answer(out, answer.build());
    }

    @Override
    public void metadata(MetadataRequest request, StreamObserver<MetadataResponse> out) {
        broker.awaitUnfrozen();
        answer(out, cluster.metadata(request.getTopicsList()));
    }

    /** A thread of its own tells of changes, and every now and then that it lives, unless it is frozen. */
    @Override
    public void watchLeaders(WatchLeadersRequest request, StreamObserver<LeaderNews> out) {
        ServerCallStreamObserver<LeaderNews> stream = (ServerCallStreamObserver<LeaderNews>) out;
        stream.setOnCancelHandler(() -> {});
        broker.threads().execute(() -> {
            Map<String, NewLeader> told = new HashMap<>();
            boolean first = true;
            while (broker.running() && !stream.isCancelled()) {
                broker.awaitUnfrozen();
                if (!broker.running()) {
                    return;
                }
                LeaderNews.Builder news = LeaderNews.newBuilder();
                synchronized (cluster) {
                    for (NewLeader leader : cluster.leaders(request.getTopicsList())) {
                        String place = leader.getTopic().getName() + leader.getPartition();
                        if (!leader.equals(told.put(place, leader))) {
                            news.addLeaders(leader);
                        }
                    }
                    if (!first && news.getLeadersCount() == 0) {
                        try {
                            cluster.wait(WATCH_BEAT_MS);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                            return;
                        }
                    }
                }
                first = false;
                broker.awaitUnfrozen();
                try {
                    out.onNext(news.build());
                } catch (StatusRuntimeException | IllegalStateException e) {
                    return; // the caller is gone
                }
            }
        });
    }

    @Override
    public void allocateProducerId(AllocateProducerIdRequest request, StreamObserver<AllocateProducerIdResponse> out) {
        broker.awaitUnfrozen();
        answer(
                out,
                AllocateProducerIdResponse.newBuilder()
                        .setProducerId(cluster.allocateProducerId())
                        .build());
    }

    @Override
    public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> out) {
        ProduceCall call = new ProduceCall(out);
        broker.produceCalls().add(call);
        broker.threads().execute(call);
        return call;
    }

    /**
     * One stream. A thread of its own handles the requests in order, also those that were read before the stream broke: just what a
     * client has to be afraid of.
     */
    final class ProduceCall implements StreamObserver<ProduceRequest>, Runnable {
        private final StreamObserver<ProduceResponse> out;
        private final BlockingQueue<ProduceRequest> requests = new LinkedBlockingQueue<>();
        private volatile boolean over;

        ProduceCall(StreamObserver<ProduceResponse> out) {
            this.out = out;
        }

        @Override
        public void onNext(ProduceRequest request) {
            requests.add(request);
        }

        @Override
        public void onError(Throwable t) {
            over = true;
        }

        @Override
        public void onCompleted() {
            over = true;
        }

        void breakStream() {
            synchronized (out) {
                if (!over) {
                    over = true;
                    out.onError(Status.UNAVAILABLE
                            .withDescription("stream broken by the test")
                            .asRuntimeException());
                }
            }
        }

        @Override
        public void run() {
            try {
                while (!over || !requests.isEmpty()) {
                    ProduceRequest request = requests.poll(100, TimeUnit.MILLISECONDS);
                    if (request != null) {
                        broker.awaitUnfrozen();
                        handle(request);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                broker.produceCalls().remove(this);
            }
        }

        private void handle(ProduceRequest request) {
            TopicPartition tp = new TopicPartition(request.getTopic().getName(), request.getPartition());
            Trouble trouble = broker.running() ? cluster.trouble(broker, tp) : Trouble.NONE;
            switch (trouble) {
                case NONE -> answer(append(request));
                case NOT_LEADER -> answer(refusal(request, ErrorCode.NOT_LEADER));
                case THROTTLED -> answer(refusal(request, ErrorCode.THROTTLED));
                case REFUSE -> answer(refusal(request, ErrorCode.INVALID_REQUEST));
                case LOSE_ANSWER -> append(request);
                case UNKNOWN_BEFORE -> answer(refusal(request, ErrorCode.OUTCOME_UNKNOWN));
                case UNKNOWN_AFTER -> {
                    append(request);
                    answer(refusal(request, ErrorCode.OUTCOME_UNKNOWN));
                }
                case BREAK_AFTER -> {
                    append(request);
                    breakStream();
                }
                case BREAK_BEFORE -> breakStream();
                case DELAY -> {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(DELAY_MS));
                    answer(append(request));
                }
            }
        }

        private ProduceResponse refusal(ProduceRequest request, ErrorCode code) {
            return ProduceResponse.newBuilder()
                    .setCorrelationId(request.getCorrelationId())
                    .setError(FakeCluster.wire(new BrokerException(code, "told to by the test")))
                    .build();
        }

        private ProduceResponse append(ProduceRequest request) {
            ProduceResponse.Builder answer = ProduceResponse.newBuilder()
                    .setCorrelationId(request.getCorrelationId())
                    .setLogAppendTimeMs(-1);
            synchronized (cluster) {
                try {
                    FakeTopic topic = cluster.topic(request.getTopic());
                    FakePartition partition = cluster.partition(topic, request.getPartition());
                    if (partition.leader != broker.node()) {
                        return answer.setError(cluster.notLeader(partition, true))
                                .build();
                    }
                    FakePartition.Appended appended =
                            partition.append(request.getBatch().asReadOnlyByteBuffer(), topic.messageBytesMax());
                    cluster.notifyAll();
                    return answer.setBaseOffset(appended.baseOffset())
                            .setDuplicate(appended.duplicate())
                            .setTerm(partition.term)
                            .build();
                } catch (BrokerException e) {
                    return answer.setError(FakeCluster.wire(e)).build();
                }
            }
        }

        private void answer(ProduceResponse response) {
            synchronized (out) {
                if (!over) {
                    try {
                        out.onNext(response);
                    } catch (StatusRuntimeException | IllegalStateException e) {
                        over = true;
                    }
                }
            }
        }
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<FetchResponse> out) {
        broker.awaitUnfrozen();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(request.getMaxWaitMs());
        FetchResponse answer;
        synchronized (cluster) {
            answer = read(request);
            while (empty(answer) && deadline - System.nanoTime() > 0 && broker.running()) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(cluster, Math.max(1_000_000, deadline - System.nanoTime()));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
                answer = read(request);
            }
        }
        answer(out, answer);
    }

    private static boolean empty(FetchResponse answer) {
        return answer.getPartitionsList().stream().allMatch(p -> p.getBatches().isEmpty() && !p.hasError());
    }

    private FetchResponse read(FetchRequest request) {
        FetchResponse.Builder answer = FetchResponse.newBuilder();
        int left = request.getMaxBytes();
        for (FetchPartition wanted : request.getPartitionsList()) {
            FetchedPartition fetched = read(wanted, request.getReadLevel(), left);
            left = Math.max(0, left - fetched.getBatches().size());
            answer.addPartitions(fetched);
        }
        return answer.build();
    }

    private FetchedPartition read(FetchPartition wanted, ReadLevel level, int bytesLeft) {
        FetchedPartition.Builder answer = FetchedPartition.newBuilder()
                .setTopicId(wanted.getTopic().getId())
                .setPartition(wanted.getPartition())
                .setNextOffset(wanted.getOffset());
        try {
            FakeTopic topic = cluster.topic(wanted.getTopic());
            FakePartition partition = cluster.partition(topic, wanted.getPartition());
            if (level == ReadLevel.READ_LEVEL_LEADER && partition.leader != broker.node()) {
                return answer.setError(cluster.notLeader(partition, true)).build();
            }
            answer.setHighWatermark(partition.endOffset()).setLogStartOffset(partition.startOffset);
            if (wanted.getOffset() < partition.startOffset || wanted.getOffset() > partition.endOffset()) {
                throw new BrokerException(
                        ErrorCode.OFFSET_OUT_OF_RANGE,
                        "offset: " + wanted.getOffset() + " (expected: " + partition.startOffset + " to "
                                + partition.endOffset() + ")");
            }
            if (bytesLeft <= 0) {
                return answer.build();
            }
            ByteBuffer batches = partition.read(wanted.getOffset(), Math.min(bytesLeft, wanted.getMaxBytes()));
            long next = wanted.getOffset();
            for (RecordBatch batch : RecordBatches.in(batches)) {
                next = batch.nextOffset();
            }
            return answer.setBatches(ByteString.copyFrom(batches))
                    .setNextOffset(batches.limit() == 0 ? partition.endOffset() : next)
                    .build();
        } catch (BrokerException e) {
            return answer.setError(FakeCluster.wire(e)).build();
        }
    }

    @Override
    public void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> out) {
        broker.awaitUnfrozen();
        ListOffsetsResponse.Builder answer = ListOffsetsResponse.newBuilder();
        synchronized (cluster) {
            request.getPartitionsList().forEach(p -> answer.addPartitions(listOffset(p, request.getReadLevel())));
        }
        answer(out, answer.build());
    }

    private ListedOffset listOffset(ListOffsetsPartition wanted, ReadLevel level) {
        ListedOffset.Builder answer =
                ListedOffset.newBuilder().setPartition(wanted.getPartition()).setTimestampMs(-1);
        try {
            FakeTopic topic = cluster.topic(wanted.getTopic());
            FakePartition partition = cluster.partition(topic, wanted.getPartition());
            if (level == ReadLevel.READ_LEVEL_LEADER && partition.leader != broker.node()) {
                Error error = cluster.notLeader(partition, true);
                return answer.setError(error).build();
            }
            return switch (wanted.getAtCase()) {
                case LATEST -> answer.setOffset(partition.endOffset()).build();
                case TIMESTAMP_MS ->
                    answer.setOffset(partition.offsetAt(wanted.getTimestampMs()))
                            .build();
                case EARLIEST, AT_NOT_SET ->
                    answer.setOffset(partition.startOffset).build();
            };
        } catch (BrokerException e) {
            return answer.setError(FakeCluster.wire(e)).build();
        }
    }

    private static <T> void answer(StreamObserver<T> out, T value) {
        try {
            out.onNext(value);
            out.onCompleted();
        } catch (StatusRuntimeException | IllegalStateException e) {
            // the caller is gone
        }
    }
}
