package io.gq.broker.admin;

import io.gq.broker.peer.ReplicaClient;
import io.gq.broker.service.Router;
import io.gq.controller.image.PartitionImage;
import io.gq.core.NodeId;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.ReplicaVerification;
import io.gq.proto.v1.VerifyPartitionRequest;
import io.gq.proto.v1.VerifyPartitionResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Has the replicas of a partition read all that they hold. First each says how far it is; then all make a digest over what every one of
 * them holds as committed, so that the digests can be compared. Safe for use by many threads.
 */
public final class PartitionVerification {

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Set<String> WHOLE = Set.of("LEADER", "FOLLOWER", "CANDIDATE", "LEARNER");

    private final ClusterAdmin cluster;
    private final ReplicaClient replicas;

    public PartitionVerification(ClusterAdmin cluster, ReplicaClient replicas) {
        this.cluster = cluster;
        this.replicas = replicas;
    }

    /** Completes when every replica has answered, or said why it cannot. */
    public CompletableFuture<VerifyPartitionResponse> verify(VerifyPartitionRequest request) {
        PartitionImage partition = Router.partition(cluster.findTopic(request.getTopic()), request.getPartition());
        Duration timeout = request.getTimeoutMs() == 0 ? TIMEOUT : Duration.ofMillis(request.getTimeoutMs());
        List<CompletableFuture<ReplicaStatus>> asked = new ArrayList<>();
        for (NodeId node : partition.replicas()) {
            asked.add(replicas.describe(node, partition.group(), false)
                    .exceptionally(failure -> ReplicaAdmin.unreachable(node, failure)));
        }
        return all(asked).thenCompose(statuses -> verify(partition, statuses, timeout));
    }

    private CompletableFuture<VerifyPartitionResponse> verify(
            PartitionImage partition, List<ReplicaStatus> statuses, Duration timeout) {
        List<ReplicaStatus> whole =
                statuses.stream().filter(s -> WHOLE.contains(s.getRole())).toList();
        long from =
                whole.stream().mapToLong(ReplicaStatus::getLogStartOffset).max().orElse(0);
        long to =
                whole.stream().mapToLong(ReplicaStatus::getHighWatermark).min().orElse(0);
        List<CompletableFuture<ReplicaVerification>> verified = new ArrayList<>();
        for (ReplicaStatus status : statuses) {
            NodeId node = new NodeId(status.getNodeId());
            verified.add(
                    whole.contains(status)
                            ? replicas.verify(node, partition.group(), from, to, timeout)
                                    .exceptionally(failure -> refused(ReplicaAdmin.unreachable(node, failure)))
                            : CompletableFuture.completedFuture(refused(status)));
        }
        return all(verified)
                .thenApply(done -> VerifyPartitionResponse.newBuilder()
                        .addAllReplicas(done)
                        .setFromOffset(from)
                        .setToOffset(to)
                        .build());
    }

    private static ReplicaVerification refused(ReplicaStatus status) {
        return ReplicaVerification.newBuilder()
                .setNodeId(status.getNodeId())
                .setRole(status.getRole())
                .setError(status.getError().isEmpty() ? "not serving: " + status.getRole() : status.getError())
                .build();
    }

    private static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> parts) {
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(done -> parts.stream().map(CompletableFuture::join).toList());
    }
}
