package io.gq.it.cluster;

import static org.awaitility.Awaitility.await;

import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.proto.v1.AlterTopicRequest;
import io.gq.proto.v1.CreateTopicRequest;
import io.gq.proto.v1.DeleteTopicRequest;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.ListTopicsRequest;
import io.gq.proto.v1.PartitionInfo;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.TopicInfo;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Topics of a cluster, asked for and changed below the SDK. */
public final class Topics {

    private static final int WAIT_MS = 20_000;
    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(60);

    private final ClusterFixture cluster;

    public Topics(ClusterFixture cluster) {
        this.cluster = cluster;
    }

    /** Returns when every partition takes writes. */
    public TopicInfo create(String name, int partitions, int replicas) {
        return create(name, partitions, replicas, Map.of());
    }

    public TopicInfo create(String name, int partitions, int replicas, Map<String, String> config) {
        try (RawClient client = any()) {
            return client.admin()
                    .createTopic(CreateTopicRequest.newBuilder()
                            .setName(name)
                            .setPartitions(partitions)
                            .setReplicas(replicas)
                            .putAllConfig(config)
                            .setWaitMs(WAIT_MS)
                            .build())
                    .getTopic();
        }
    }

    public void alter(String name, Map<String, String> set) {
        try (RawClient client = any()) {
            client.admin()
                    .alterTopic(AlterTopicRequest.newBuilder()
                            .setName(name)
                            .putAllSet(set)
                            .build());
        }
    }

    public void delete(String name) {
        try (RawClient client = any()) {
            client.admin()
                    .deleteTopic(DeleteTopicRequest.newBuilder()
                            .setName(name)
                            .setWaitMs(WAIT_MS)
                            .build());
        }
    }

    /** Every topic there is; replicas on other disks go by and by. */
    public void deleteAll() {
        try (RawClient client = any()) {
            client.admin()
                    .listTopics(ListTopicsRequest.getDefaultInstance())
                    .getTopicsList()
                    .forEach(topic -> client.admin()
                            .deleteTopic(DeleteTopicRequest.newBuilder()
                                    .setName(topic.getName())
                                    .build()));
        }
    }

    public TopicInfo info(String name) {
        try (RawClient client = any()) {
            return client.topic(name);
        }
    }

    public PartitionInfo partition(String name, int partition) {
        return info(name).getPartitions(partition);
    }

    public String groupId(String name, int partition) {
        return partition(name, partition).getGroupId();
    }

    /** The broker that leads, as soon as one does and runs. */
    public BrokerProcess leader(String name, int partition) {
        return await("leader of " + name + "-" + partition)
                .atMost(SETTLE_TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .until(
                        () -> {
                            int node = partition(name, partition).getLeader();
                            return node == 0 ? null : cluster.node(node);
                        },
                        broker -> broker != null && broker.alive());
    }

    /** The running replicas that do not lead. */
    public List<BrokerProcess> followers(String name, int partition) {
        BrokerProcess leader = leader(name, partition);
        return partition(name, partition).getReplicasList().stream()
                .map(cluster::node)
                .filter(broker -> broker != leader && broker.alive())
                .toList();
    }

    /** Appends one record by a producer without idempotence; repeats until a leader took it. Returns its offset. */
    public long append(String name, int partition, byte[] value) {
        return await("append to " + name + "-" + partition)
                .atMost(SETTLE_TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> tryAppend(name, partition, value), answer -> !retriable(answer))
                .getBaseOffset();
    }

    private ProduceResponse tryAppend(String name, int partition, byte[] value) {
        return produce(name, partition, batch(value));
    }

    /** Sends one batch to the leader, once. */
    public ProduceResponse produce(String name, int partition, ByteBuffer batch) {
        try (RawClient client = new RawClient(leader(name, partition).address())) {
            return client.produce(name, partition, batch, Duration.ofSeconds(10));
        }
    }

    private static boolean retriable(ProduceResponse answer) {
        Error error = answer.getError();
        if (answer.hasError() && !error.getRetriable()) {
            throw new AssertionError("append refused: " + error);
        }
        return answer.hasError();
    }

    public static ByteBuffer batch(byte[]... values) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1024);
        for (byte[] value : values) {
            builder.append(System.currentTimeMillis(), null, ByteBuffer.wrap(value), List.of());
        }
        return builder.build();
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Waits until every replica of every partition serves, holds the same committed records and nothing beyond them.
     *
     * @return what the replicas say, by partition
     */
    public Map<Integer, List<ReplicaStatus>> awaitReplicasEqual(String name) {
        return awaitReplicasEqual(name, SETTLE_TIMEOUT);
    }

    public Map<Integer, List<ReplicaStatus>> awaitReplicasEqual(String name, Duration timeout) {
        return await("replicas of " + name + " equal")
                .atMost(timeout)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(300))
                .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .until(() -> replicas(name), Topics::equal);
    }

    /** What every replica of every partition says of itself. */
    public Map<Integer, List<ReplicaStatus>> replicas(String name) {
        return info(name).getPartitionsList().stream()
                .collect(Collectors.toMap(
                        PartitionInfo::getPartition,
                        partition -> partition.getReplicasList().stream()
                                .map(node -> replica(node, partition.getGroupId()))
                                .toList()));
    }

    private ReplicaStatus replica(int node, String groupId) {
        try (RawClient client = new RawClient(cluster.node(node).address())) {
            return client.replica(groupId);
        }
    }

    private static boolean equal(Map<Integer, List<ReplicaStatus>> replicas) {
        return replicas.values().stream().allMatch(of -> {
            Set<String> states = of.stream()
                    .map(r -> r.getLogStartOffset() + " " + r.getHighWatermark() + " " + r.getLogEndOffset() + " "
                            + r.getDigest())
                    .collect(Collectors.toSet());
            return states.size() == 1
                    && of.stream()
                            .allMatch(r -> r.getHighWatermark() == r.getLogEndOffset()
                                    && !r.getDigest().isEmpty()
                                    && Set.of("LEADER", "FOLLOWER").contains(r.getRole()));
        });
    }

    private RawClient any() {
        return cluster.brokers().stream()
                .filter(BrokerProcess::alive)
                .findFirst()
                .map(broker -> new RawClient(broker.address()))
                .orElseThrow(() -> new IllegalStateException("no broker runs"));
    }
}
