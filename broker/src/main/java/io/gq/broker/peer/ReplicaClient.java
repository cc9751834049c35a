package io.gq.broker.peer;

import io.gq.broker.grpc.ErrorMapping;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.LogPosition;
import io.gq.proto.v1.AdmitReplicaRequest;
import io.gq.proto.v1.AdmitReplicaResponse;
import io.gq.proto.v1.DescribeReplicaRequest;
import io.gq.proto.v1.DismissReplicaRequest;
import io.gq.proto.v1.DismissReplicaResponse;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.HandOverRequest;
import io.gq.proto.v1.HandOverResponse;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.ReplicaVerification;
import io.gq.proto.v1.TrustReplicaRequest;
import io.gq.proto.v1.TrustReplicaResponse;
import io.gq.proto.v1.VerifyReplicaRequest;
import io.gq.proto.v1.VerifyReplicaResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Asks replicas on other brokers, or on this one by the same way. Safe for use by many threads. */
public final class ReplicaClient {

    private static final long DESCRIBE_TIMEOUT_MS = 10_000;
    /** What a replica holds has to be read. */
    private static final long HOLDING_TIMEOUT_MS = 60_000;

    private static final long MARGIN_MS = 1_000;

    private final Supplier<String> clusterId;
    private final PeerClients clients;

    public ReplicaClient(Supplier<String> clusterId, PeerClients clients) {
        this.clusterId = clusterId;
        this.clients = clients;
    }

    /** Exceptionally a BrokerException; so for every call. */
    public CompletableFuture<ReplicaStatus> describe(NodeId node, GroupId group, boolean withDigest) {
        DescribeReplicaRequest request = DescribeReplicaRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setGroupId(group.toString())
                .setWithDigest(withDigest)
                .build();
        return clients.call(node, DESCRIBE_TIMEOUT_MS, (stub, out) -> stub.describeReplica(request, out));
    }

    /** As {@link #describe}; a replica that is distrusted also finds out what it holds. */
    public CompletableFuture<ReplicaStatus> describeHolding(NodeId node, GroupId group) {
        DescribeReplicaRequest request = DescribeReplicaRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setGroupId(group.toString())
                .setWithHolding(true)
                .build();
        return clients.call(node, HOLDING_TIMEOUT_MS, (stub, out) -> stub.describeReplica(request, out));
    }

    /** @param last what the replica is known to hold */
    public CompletableFuture<Void> trust(NodeId node, GroupId group, LogPosition last) {
        TrustReplicaRequest request = TrustReplicaRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setGroupId(group.toString())
                .setLastTerm(last.term())
                .setLastIndex(last.index())
                .build();
        CompletableFuture<TrustReplicaResponse> answer =
                clients.call(node, HOLDING_TIMEOUT_MS, (stub, out) -> stub.trustReplica(request, out));
        return answer.thenAccept(r -> check(r.hasError(), r.getError()));
    }

    /** The replica reads all it holds from its disk; see {@link Replicas#verify}. */
    public CompletableFuture<ReplicaVerification> verify(
            NodeId node, GroupId group, long fromOffset, long toOffset, Duration timeout) {
        VerifyReplicaRequest request = VerifyReplicaRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setGroupId(group.toString())
                .setFromOffset(fromOffset)
                .setToOffset(toOffset)
                .build();
        CompletableFuture<VerifyReplicaResponse> answer =
                clients.call(node, timeout.toMillis(), (stub, out) -> stub.verifyReplica(request, out));
        return answer.thenApply(r -> {
            check(r.hasError(), r.getError());
            return r.getVerification();
        });
    }

    /** @return the term to open the replica anew with; 0 where the leader does not tell */
    public CompletableFuture<Long> dismiss(NodeId leader, GroupId group, NodeId node, Duration timeout) {
        DismissReplicaRequest request = DismissReplicaRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setGroupId(group.toString())
                .setNodeId(node.value())
                .build();
        CompletableFuture<DismissReplicaResponse> answer =
                clients.call(leader, timeout.toMillis(), (stub, out) -> stub.dismissReplica(request, out));
        return answer.thenApply(r -> {
            check(r.hasError(), r.getError());
            return r.getTerm();
        });
    }

    public CompletableFuture<Void> admit(NodeId leader, GroupId group, PeerId member, Duration timeout) {
        AdmitReplicaRequest request = AdmitReplicaRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setGroupId(group.toString())
                .setNodeId(member.node().value())
                .setIncarnation(member.incarnation())
                .setTimeoutMs((int) timeout.toMillis())
                .build();
        CompletableFuture<AdmitReplicaResponse> answer =
                clients.call(leader, timeout.toMillis() + MARGIN_MS, (stub, out) -> stub.admitReplica(request, out));
        return answer.thenAccept(r -> check(r.hasError(), r.getError()));
    }

    public CompletableFuture<Void> transferLeader(NodeId leader, GroupId group, NodeId to, Duration timeout) {
        HandOverRequest request = HandOverRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setGroupId(group.toString())
                .setToNode(to.value())
                .setTimeoutMs((int) timeout.toMillis())
                .build();
        CompletableFuture<HandOverResponse> answer =
                clients.call(leader, timeout.toMillis() + MARGIN_MS, (stub, out) -> stub.handOver(request, out));
        return answer.thenAccept(r -> check(r.hasError(), r.getError()));
    }

    private static void check(boolean failed, Error error) {
        if (failed) {
            throw ErrorMapping.fromProto(error);
        }
    }
}
