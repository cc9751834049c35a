package io.gq.broker.admin;

import io.gq.broker.admin.RecoveryRule.Choice;
import io.gq.broker.admin.RecoveryRule.Replica;
import io.gq.broker.admin.RecoveryRule.State;
import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.metadata.LeaderTable;
import io.gq.broker.peer.ReplicaClient;
import io.gq.broker.service.Router;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.topic.TopicConfig.Durability;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.TopicPartition;
import io.gq.core.replication.LogPosition;
import io.gq.proto.v1.RecoverPartitionRequest;
import io.gq.proto.v1.RecoverPartitionResponse;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.TrustedReplica;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An operator's way out where a majority of the machines of a partition with durability=replicated went down at once: trusts the most
 * advanced replicas again. Every step may be repeated: what was trusted counts as trusted the next time. Safe for use by many threads.
 */
public final class PartitionRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionRecovery.class);
    private static final String DISTRUSTED = "DISTRUSTED";
    private static final Set<String> VOTING = Set.of("LEADER", "FOLLOWER", "CANDIDATE");

    private final ClusterAdmin cluster;
    private final Function<TopicImage, Durability> durability;
    private final LeaderTable leaders;
    private final ReplicaClient replicas;

    /** @param durability the class of a topic */
    public PartitionRecovery(
            ClusterAdmin cluster,
            Function<TopicImage, Durability> durability,
            LeaderTable leaders,
            ReplicaClient replicas) {
        this.cluster = cluster;
        this.durability = durability;
        this.leaders = leaders;
        this.replicas = replicas;
    }

    /**
     * Asks the replicas what they hold and trusts those that have to be, where they are approved.
     *
     * @return exceptionally NOTHING_TO_RECOVER, NO_QUORUM or, where others would have to be trusted than those approved, INVALID_REQUEST;
     *     with validate_only the answer holds the first two
     * @throws BrokerException UNKNOWN_TOPIC, UNKNOWN_PARTITION; INVALID_REQUEST for a topic that is not replicated
     */
    public CompletableFuture<RecoverPartitionResponse> recover(RecoverPartitionRequest request) {
        TopicImage topic = cluster.findTopic(request.getTopic());
        PartitionImage partition = Router.partition(topic, request.getPartition());
        if (durability.apply(topic) != Durability.REPLICATED) {
            throw new BrokerException(
                    ErrorCode.INVALID_REQUEST,
                    "topic '" + topic.name()
                            + "': durability=fsync (expected: replicated; what is synced is never forgotten, and its replicas are"
                            + " never distrusted)");
        }
        List<CompletableFuture<ReplicaStatus>> asked = partition.replicas().stream()
                .map(node -> holding(node, partition.group())
                        .exceptionally(failure -> ReplicaAdmin.unreachable(node, failure))
                        .thenApply(status -> status.toBuilder()
                                .setPartition(partition.partition())
                                .build()))
                .toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenCompose(done -> recover(
                        request,
                        partition.group(),
                        asked.stream().map(CompletableFuture::join).toList()));
    }

    /** A node that does not answer is not waited for as long as one that reads what it holds. */
    private CompletableFuture<ReplicaStatus> holding(NodeId node, GroupId group) {
        return replicas.describe(node, group, false)
                .thenCompose(status -> status.getRole().equals(DISTRUSTED)
                        ? replicas.describeHolding(node, group)
                        : CompletableFuture.completedFuture(status));
    }

    private CompletableFuture<RecoverPartitionResponse> recover(
            RecoverPartitionRequest request, GroupId group, List<ReplicaStatus> found) {
        RecoverPartitionResponse.Builder response =
                RecoverPartitionResponse.newBuilder().addAllReplicas(found);
        Choice choice;
        try {
            checkLeaderless(group);
            choice = RecoveryRule.choose(
                    found.stream().map(PartitionRecovery::replica).toList(), request.getAllowMissing());
        } catch (BrokerException refusal) {
            if (!request.getValidateOnly()) {
                throw refusal;
            }
            return CompletableFuture.completedFuture(
                    response.setError(ErrorMapping.toProto(refusal)).build());
        }
        choice.trust().forEach(replica -> response.addTrusted(wire(replica)));
        response.setMostComplete(choice.mostComplete().node().value());
        if (request.getValidateOnly()) {
            return CompletableFuture.completedFuture(response.build());
        }
        if (!request.getApprovedList().containsAll(response.getTrustedList())) {
            throw new BrokerException(
                    ErrorCode.INVALID_REQUEST,
                    "approved replicas: " + text(request.getApprovedList()) + " (expected: "
                            + text(response.getTrustedList()) + ", as the replicas say now)");
        }
        LOG.warn(
                "recovering partition={} group={} trusting={} mostComplete={}",
                new TopicPartition(request.getTopic(), request.getPartition()),
                group,
                text(response.getTrustedList()),
                choice.mostComplete().node());
        CompletableFuture<Void> trusted = CompletableFuture.completedFuture(null);
        for (Replica replica : choice.trust()) {
            trusted = trusted.thenCompose(before -> replicas.trust(replica.node(), group, replica.last()));
        }
        return trusted.thenCompose(done -> cluster.led(group, Duration.ofMillis(request.getWaitMs())))
                .thenApply(led -> response.setLeader(leader(group)).build());
    }

    private void checkLeaderless(GroupId group) {
        if (leader(group) != 0) {
            throw new BrokerException(
                    ErrorCode.NOTHING_TO_RECOVER, "leader: node " + leader(group) + " (expected: none)");
        }
    }

    private int leader(GroupId group) {
        return leaders.leaderOf(group).map(leader -> leader.node().value()).orElse(0);
    }

    private static Replica replica(ReplicaStatus status) {
        State state = State.MISSING;
        if (status.getRole().equals(DISTRUSTED)) {
            state = State.DISTRUSTED;
        } else if (VOTING.contains(status.getRole()) && status.getError().isEmpty()) {
            state = State.TRUSTED;
        }
        return new Replica(
                new NodeId(status.getNodeId()),
                state,
                status.getFollows() != 0,
                new LogPosition(status.getLastTerm(), status.getLastIndex()),
                status.getVotersList().stream().map(NodeId::new).collect(Collectors.toSet()));
    }

    private static TrustedReplica wire(Replica replica) {
        return TrustedReplica.newBuilder()
                .setNodeId(replica.node().value())
                .setLastTerm(replica.last().term())
                .setLastIndex(replica.last().index())
                .build();
    }

    private static List<String> text(List<TrustedReplica> trusted) {
        return trusted.stream()
                .map(t -> "node " + t.getNodeId() + " " + new LogPosition(t.getLastTerm(), t.getLastIndex()))
                .toList();
    }
}
