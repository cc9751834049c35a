package io.gq.client.admin;

import com.google.protobuf.ByteString;
import io.gq.client.BrokerAddress;
import io.gq.client.internal.Errors;
import io.gq.core.TopicPartition;
import io.gq.proto.v1.BrokerInfo;
import io.gq.proto.v1.DescribeClusterResponse;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.MeshPeer;
import io.gq.proto.v1.PartitionInfo;
import io.gq.proto.v1.RecoverPartitionResponse;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.TopicInfo;
import io.gq.proto.v1.VerifyPartitionResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Turns messages of the wire into what users see. */
final class Descriptions {

    private Descriptions() {}

    static TopicDescription topic(TopicInfo info) {
        return new TopicDescription(
                info.getName(),
                uuid(info.getId()),
                info.getPartitionsList().stream().map(Descriptions::partition).toList(),
                info.getConfigMap());
    }

    static ReplicaDescription replica(ReplicaStatus status) {
        return new ReplicaDescription(
                status.getNodeId(),
                status.getPartition(),
                status.getRole(),
                status.getTerm(),
                status.getLastIndex(),
                status.getCommitIndex(),
                status.getLogStartOffset(),
                status.getHighWatermark(),
                status.getLogEndOffset(),
                status.getBytes(),
                status.getDigest(),
                status.getError(),
                status.getPeerId(),
                status.getFollows(),
                status.getVotedFor(),
                status.getDiskFull(),
                status.getDiskFreeBytes(),
                status.getLastTerm());
    }

    static RecoveryPlan recovery(TopicPartition partition, RecoverPartitionResponse answer) {
        List<ReplicaDescription> replicas =
                answer.getReplicasList().stream().map(Descriptions::replica).toList();
        List<ReplicaDescription> trust = answer.getTrustedList().stream()
                .flatMap(trusted -> replicas.stream().filter(r -> r.node() == trusted.getNodeId()))
                .toList();
        return new RecoveryPlan(
                partition,
                replicas,
                trust,
                replicas.stream()
                        .filter(r -> r.node() == answer.getMostComplete())
                        .findFirst(),
                answer.getLeader(),
                answer.hasError() ? Optional.of(Errors.fromWire(answer.getError())) : Optional.empty());
    }

    static PartitionVerification verification(TopicPartition partition, VerifyPartitionResponse answer) {
        return new PartitionVerification(
                partition,
                answer.getFromOffset(),
                answer.getToOffset(),
                answer.getReplicasList().stream()
                        .map(r -> new ReplicaVerification(
                                r.getNodeId(),
                                r.getRole(),
                                r.getStartOffset(),
                                r.getEndOffset(),
                                r.getBytes(),
                                r.getDigest(),
                                r.getDamageList(),
                                r.getError()))
                        .toList());
    }

    static ClusterDescription cluster(DescribeClusterResponse answer) {
        return new ClusterDescription(
                answer.getClusterId(),
                answer.getControllerId(),
                answer.getImageVersion(),
                answer.getFeatureLevel(),
                answer.getBrokersList().stream().map(Descriptions::broker).toList(),
                answer.getTopics(),
                answer.getPartitions(),
                answer.getLeaderlessPartitions(),
                answer.getControllerVotersList(),
                answer.getAnsweredBy(),
                answer.getMeshList().stream().map(Descriptions::meshPeer).toList());
    }

    private static MeshPeerDescription meshPeer(MeshPeer peer) {
        return new MeshPeerDescription(
                peer.getNodeId(),
                peer.getState(),
                peer.getSilentMs(),
                peer.getLimitMs(),
                peer.getGapMaxMs(),
                peer.getDeaths());
    }

    private static PartitionDescription partition(PartitionInfo info) {
        return new PartitionDescription(
                info.getPartition(), info.getLeader(), info.getLeaderTerm(), info.getReplicasList(), info.getGroupId());
    }

    private static BrokerDescription broker(BrokerInfo info) {
        return new BrokerDescription(
                info.getNodeId(),
                address(info.getEndpoint()),
                info.getRack(),
                info.getAlive(),
                info.getIncarnation(),
                info.getReplicas(),
                info.getLeaders());
    }

    private static String address(Endpoint endpoint) {
        return endpoint.getHost().isEmpty() || endpoint.getPort() < 1
                ? ""
                : new BrokerAddress(endpoint.getHost(), endpoint.getPort()).toString();
    }

    private static UUID uuid(ByteString bytes) {
        if (bytes.size() != 16) {
            return new UUID(0, 0);
        }
        ByteBuffer id = bytes.asReadOnlyByteBuffer();
        return new UUID(id.getLong(), id.getLong());
    }
}
