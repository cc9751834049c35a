package io.gq.broker.admin;

import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.metadata.LeaderTable;
import io.gq.broker.peer.ReplicaClient;
import io.gq.broker.service.Router;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.NotLeaderException;
import io.gq.core.TopicPartition;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.BalanceLeadersResponse;
import io.gq.proto.v1.DescribeTopicRequest;
import io.gq.proto.v1.DescribeTopicResponse;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.TransferLeaderRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Asks the replicas of a topic how they are, and moves leaders. Safe for use by many threads. */
public final class ReplicaAdmin {

    private static final int MOVES_AT_A_TIME = 4;
    private static final Duration MOVE_TIMEOUT = Duration.ofSeconds(3);

    private final ClusterAdmin cluster;
    private final Router router;
    private final LeaderTable leaders;
    private final ReplicaClient replicas;
    private final Predicate<NodeId> alive;
    private final Duration transferTimeout;

    /** @param alive whether a node was heard of lately; this node always was */
    public ReplicaAdmin(
            ClusterAdmin cluster,
            Router router,
            LeaderTable leaders,
            ReplicaClient replicas,
            Predicate<NodeId> alive,
            Duration transferTimeout) {
        this.cluster = cluster;
        this.router = router;
        this.leaders = leaders;
        this.replicas = replicas;
        this.alive = alive;
        this.transferTimeout = transferTimeout;
    }

    /** Every replica's own words; a replica that does not answer says why in its error. */
    public CompletableFuture<DescribeTopicResponse> describeTopic(DescribeTopicRequest request) {
        TopicImage topic = cluster.findTopic(request.getName());
        List<CompletableFuture<ReplicaStatus>> asked = new ArrayList<>();
        for (PartitionImage partition : topic.partitions()) {
            if (request.getPartitionsCount() > 0 && !request.getPartitionsList().contains(partition.partition())) {
                continue;
            }
            for (NodeId node : partition.replicas()) {
                asked.add(replicas.describe(node, partition.group(), request.getWithDigest())
                        .exceptionally(failure -> unreachable(node, failure))
                        .thenApply(status -> status.toBuilder()
                                .setPartition(partition.partition())
                                .build()));
            }
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenApply(done -> {
            DescribeTopicResponse.Builder response =
                    DescribeTopicResponse.newBuilder().setTopic(cluster.describe(topic));
            asked.forEach(a -> response.addReplicas(a.join()));
            return response.build();
        });
    }

    /** Moves the leader of a partition; forwarded to the present leader. */
    public CompletableFuture<Void> transferLeader(TransferLeaderRequest request) {
        TopicImage topic = router.topic(new TopicSpec(Optional.empty(), request.getTopic()));
        PartitionImage partition = Router.partition(topic, request.getPartition());
        NodeId to = request.getToNode() == 0 ? partition.preferredLeader() : new NodeId(request.getToNode());
        if (!partition.hasReplicaOn(to)) {
            throw new BrokerException(
                    ErrorCode.INVALID_REQUEST,
                    "to node: " + to + " (expected: one of the replicas " + partition.replicas() + ")");
        }
        LeaderTable.Leader leader = leaders.leaderOf(partition.group())
                .orElseThrow(() -> new NotLeaderException(
                        "leader of " + new TopicPartition(topic.name(), partition.partition())
                                + ": none at the moment (expected: an elected one)",
                        Optional.empty(),
                        0));
        return leader.node().equals(to)
                ? CompletableFuture.completedFuture(null)
                : replicas.transferLeader(leader.node(), partition.group(), to, transferTimeout);
    }

    /** Moves leaders to their preferred nodes, a few at a time; what cannot be moved is counted and left. */
    public CompletableFuture<BalanceLeadersResponse> balanceLeaders() {
        Deque<Move> moves = new ConcurrentLinkedDeque<>();
        BalanceLeadersResponse.Builder counts = BalanceLeadersResponse.newBuilder();
        for (TopicImage topic : cluster.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                NodeId to = partition.preferredLeader();
                NodeId from = leaders.leaderOf(partition.group())
                        .map(LeaderTable.Leader::node)
                        .orElse(null);
                if (to.equals(from)) {
                    counts.setPreferred(counts.getPreferred() + 1);
                } else if (from == null || !alive.test(to)) {
                    counts.setLeft(counts.getLeft() + 1);
                } else {
                    moves.add(new Move(partition.group(), from, to));
                }
            }
        }
        AtomicInteger moved = new AtomicInteger();
        AtomicInteger left = new AtomicInteger(counts.getLeft());
        List<CompletableFuture<Void>> lanes = new ArrayList<>();
        for (int lane = 0; lane < MOVES_AT_A_TIME; lane++) {
            lanes.add(moveOn(moves, moved, left));
        }
        return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new))
                .thenApply(
                        done -> counts.setMoved(moved.get()).setLeft(left.get()).build());
    }

    private CompletableFuture<Void> moveOn(Deque<Move> moves, AtomicInteger moved, AtomicInteger left) {
        Move next = moves.poll();
        if (next == null) {
            return CompletableFuture.completedFuture(null);
        }
        return replicas.transferLeader(next.from(), next.group(), next.to(), MOVE_TIMEOUT)
                .handle((done, failure) -> (failure == null ? moved : left).incrementAndGet())
                .thenCompose(count -> moveOn(moves, moved, left));
    }

    private record Move(GroupId group, NodeId from, NodeId to) {}

    /** What is known of a replica that could not be asked. */
    static ReplicaStatus unreachable(NodeId node, Throwable failure) {
        BrokerException trouble = ErrorMapping.toBrokerException(failure);
        return ReplicaStatus.newBuilder()
                .setNodeId(node.value())
                .setRole(silent(trouble.code()) ? "UNREACHABLE" : "CLOSED")
                .setError(trouble.code().label() + " " + trouble.code() + ": " + trouble.getMessage())
                .build();
    }

    private static boolean silent(ErrorCode code) {
        return code == ErrorCode.BROKER_UNAVAILABLE || code == ErrorCode.TIMEOUT;
    }
}
