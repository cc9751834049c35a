package io.gq.broker.grpc;

import com.google.protobuf.ByteString;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.FetchService;
import io.gq.core.service.Principal;
import io.gq.core.service.ProduceService;
import io.gq.core.service.ReadLevel;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.BrokerInfo;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.LeaderHint;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.NewLeader;
import io.gq.proto.v1.TopicInfo;
import io.gq.proto.v1.TopicRef;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A node whose answers a test gives by hand. */
final class FakeServices implements ProduceService, FetchService, NodeView {

    static final int MESSAGE_BYTES_MAX = 1 << 20;

    /** One call of produce that waits for its answer. */
    record Append(
            Principal principal,
            TopicSpec topic,
            int partition,
            ByteBuffer batch,
            Duration timeout,
            CompletableFuture<Produced> answer) {
        void done(long baseOffset) {
            answer.complete(new Produced(baseOffset, 7, -1, 0, false));
        }
    }

    /** One call of fetch that waits for its answer. */
    record Poll(Principal principal, FetchQuery query, CompletableFuture<List<Fetched>> answer) {}

    final BlockingQueue<Append> appends = new LinkedBlockingQueue<>();
    final BlockingQueue<Poll> polls = new LinkedBlockingQueue<>();
    final AtomicInteger appendCount = new AtomicInteger();
    volatile String clusterId = "cluster-a";
    volatile boolean throwing;
    private final List<NewLeader> leaders = new CopyOnWriteArrayList<>();
    private final List<Runnable> leaderListeners = new CopyOnWriteArrayList<>();

    Append nextAppend() throws InterruptedException {
        Append next = appends.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no produce arrived");
        }
        return next;
    }

    Poll nextPoll() throws InterruptedException {
        Poll next = polls.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no fetch arrived");
        }
        return next;
    }

    @Override
    public CompletableFuture<Produced> produce(
            Principal principal, TopicSpec topic, int partition, ByteBuffer batch, Duration timeout) {
        appendCount.incrementAndGet();
        if (throwing) {
            throw new IllegalStateException("a defect");
        }
        CompletableFuture<Produced> answer = new CompletableFuture<>();
        appends.add(new Append(principal, topic, partition, batch, timeout, answer));
        return answer;
    }

    @Override
    public CompletableFuture<List<Fetched>> fetch(Principal principal, FetchQuery query) {
        CompletableFuture<List<Fetched>> answer = new CompletableFuture<>();
        polls.add(new Poll(principal, query, answer));
        return answer;
    }

    @Override
    public CompletableFuture<List<Listed>> listOffsets(
            Principal principal, List<OffsetQuery> queries, ReadLevel level) {
        return CompletableFuture.completedFuture(queries.stream()
                .map(q -> q.at() instanceof At.Timestamp t
                        ? new Listed(t.timestampMs() / 10, t.timestampMs(), 7, null)
                        : q.at() instanceof At.Latest
                                ? new Listed(100, -1, 7, null)
                                : new Listed(
                                        -1, -1, -1, new BrokerException(ErrorCode.NOT_LEADER, "node: 1 (expected: 3)")))
                .toList());
    }

    @Override
    public Info info() {
        return new Info(clusterId, 1, 1, "0.1", MESSAGE_BYTES_MAX);
    }

    @Override
    public MetadataResponse metadata(Principal principal, String listener, List<String> topics) {
        MetadataResponse.Builder response = MetadataResponse.newBuilder().setClusterId(clusterId);
        response.addBrokers(BrokerInfo.newBuilder().setNodeId(3).setEndpoint(reachedBy(listener)));
        topics.forEach(t -> response.addTopics(TopicInfo.newBuilder().setName(t)));
        return response.build();
    }

    @Override
    public Optional<LeaderHint> leader(String listener, TopicSpec topic, int partition) {
        return Optional.of(LeaderHint.newBuilder()
                .setNodeId(3)
                .setTerm(8)
                .setEndpoint(reachedBy(listener))
                .build());
    }

    /** A new leader of a partition of "logs", or of another topic. */
    void lead(String topic, int partition, int node, long term) {
        leaders.removeIf(l -> l.getTopic().getName().equals(topic) && l.getPartition() == partition);
        leaders.add(NewLeader.newBuilder()
                .setTopic(TopicRef.newBuilder().setName(topic).setId(ByteString.copyFromUtf8(topic)))
                .setPartition(partition)
                .setLeader(LeaderHint.newBuilder().setNodeId(node).setTerm(term))
                .build());
        leaderListeners.forEach(Runnable::run);
    }

    @Override
    public List<NewLeader> leaders(String listener, List<String> topics) {
        return leaders.stream()
                .filter(l -> topics.isEmpty() || topics.contains(l.getTopic().getName()))
                .map(l -> l.toBuilder()
                        .setLeader(l.getLeader().toBuilder().setEndpoint(reachedBy(listener)))
                        .build())
                .toList();
    }

    @Override
    public void onLeaderChange(Runnable listener) {
        leaderListeners.add(listener);
    }

    /** The host tells the listener. */
    private static Endpoint reachedBy(String listener) {
        return Endpoint.newBuilder().setHost(listener + ".test").setPort(9094).build();
    }

    @Override
    public CompletableFuture<ProducerIdentity> allocateProducerId(Principal principal) {
        return CompletableFuture.completedFuture(new ProducerIdentity(4711, 0));
    }
}
