package io.gq.broker.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gq.broker.grpc.ErrorMapping;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.proto.v1.AdmitReplicaRequest;
import io.gq.proto.v1.AdmitReplicaResponse;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.ControllerProposal;
import io.gq.proto.v1.ControllerProposalResult;
import io.gq.proto.v1.CopySnapshotRequest;
import io.gq.proto.v1.DescribeReplicaRequest;
import io.gq.proto.v1.DismissReplicaRequest;
import io.gq.proto.v1.DismissReplicaResponse;
import io.gq.proto.v1.FoundRequest;
import io.gq.proto.v1.FoundResponse;
import io.gq.proto.v1.HandOverRequest;
import io.gq.proto.v1.HandOverResponse;
import io.gq.proto.v1.HeartbeatRequest;
import io.gq.proto.v1.HeartbeatResponse;
import io.gq.proto.v1.MeshMessage;
import io.gq.proto.v1.PeerGrpc;
import io.gq.proto.v1.ProbeRequest;
import io.gq.proto.v1.ProbeResponse;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.SnapshotFrames;
import io.gq.proto.v1.TrustReplicaRequest;
import io.gq.proto.v1.TrustReplicaResponse;
import io.gq.proto.v1.VerifyReplicaRequest;
import io.gq.proto.v1.VerifyReplicaResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a broker answers to brokers. Probes and founding are answered from the first moment; everything else is NOT_READY until
 * {@link #serve}. A message from a node of another cluster is refused.
 */
public final class PeerEndpoint extends PeerGrpc.PeerImplBase {

    /** Full name of the mesh's method, whose calls have a thread of their own. */
    public static final String MESH = PeerGrpc.getMeshMethod().getFullMethodName();

    /** The parts of a node that belongs to a cluster. */
    public record Member(
            String clusterId, Heartbeats heartbeats, Mesh mesh, ControllerClient controller, Replicas replicas) {}

    private final PeerId self;
    private final Founding founding;
    private final Executor executor;
    private volatile @Nullable Member member;

    /** @param executor runs what may touch a disk */
    public PeerEndpoint(PeerId self, Founding founding, Executor executor) {
        this.self = self;
        this.founding = founding;
        this.executor = executor;
    }

    /** From now on the node answers as a member of its cluster. */
    public void serve(Member node) {
        member = node;
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> out) {
        out.onNext(founding.onProbe(request));
        out.onCompleted();
    }

    @Override
    public void found(FoundRequest request, StreamObserver<FoundResponse> out) {
        executor.execute(() -> unary(out, () -> CompletableFuture.completedFuture(founding.onFound(request))));
    }

    @Override
    public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> out) {
        HeartbeatResponse.Builder response =
                HeartbeatResponse.newBuilder().setNodeId(self.node().value()).setIncarnation(self.incarnation());
        try {
            Member node = member(request.getClusterId());
            node.heartbeats().heard(request);
            response.setClusterId(node.clusterId());
        } catch (BrokerException e) {
            response.setError(ErrorMapping.toProto(e));
        }
        out.onNext(response.build());
        out.onCompleted();
    }

    @Override
    public StreamObserver<MeshMessage> mesh(StreamObserver<MeshMessage> out) {
        try {
            return readyMember().mesh().accept(out);
        } catch (BrokerException e) {
            out.onError(ErrorMapping.toStatus(e));
            return new Unheard<>();
        }
    }

    @Override
    public void proposeToController(ControllerProposal request, StreamObserver<ControllerProposalResult> out) {
        answer(
                out,
                () -> readyMember().controller().proposeHere(command(request)),
                reply -> ControllerProposalResult.newBuilder()
                        .setReply(reply.toByteString())
                        .build(),
                error -> ControllerProposalResult.newBuilder()
                        .setError(ErrorMapping.toProto(error))
                        .build());
    }

    @Override
    public void dismissReplica(DismissReplicaRequest request, StreamObserver<DismissReplicaResponse> out) {
        answer(
                out,
                () -> member(request.getClusterId())
                        .replicas()
                        .dismiss(GroupId.parse(request.getGroupId()), new NodeId(request.getNodeId())),
                term -> DismissReplicaResponse.newBuilder().setTerm(term).build(),
                error -> DismissReplicaResponse.newBuilder()
                        .setError(ErrorMapping.toProto(error))
                        .build());
    }

    @Override
    public void admitReplica(AdmitReplicaRequest request, StreamObserver<AdmitReplicaResponse> out) {
        answer(
                out,
                () -> member(request.getClusterId())
                        .replicas()
                        .admit(
                                GroupId.parse(request.getGroupId()),
                                new PeerId(new NodeId(request.getNodeId()), request.getIncarnation()),
                                Duration.ofMillis(request.getTimeoutMs())),
                done -> AdmitReplicaResponse.getDefaultInstance(),
                error -> AdmitReplicaResponse.newBuilder()
                        .setError(ErrorMapping.toProto(error))
                        .build());
    }

    @Override
    public void handOver(HandOverRequest request, StreamObserver<HandOverResponse> out) {
        answer(
                out,
                () -> member(request.getClusterId())
                        .replicas()
                        .handOver(
                                GroupId.parse(request.getGroupId()),
                                new NodeId(request.getToNode()),
                                Duration.ofMillis(request.getTimeoutMs())),
                done -> HandOverResponse.getDefaultInstance(),
                error -> HandOverResponse.newBuilder()
                        .setError(ErrorMapping.toProto(error))
                        .build());
    }

    @Override
    public void copySnapshot(CopySnapshotRequest request, StreamObserver<SnapshotFrames> out) {
        try {
            SnapshotReader snapshot = member(request.getClusterId())
                    .replicas()
                    .snapshot(
                            GroupId.parse(request.getGroupId()),
                            request.getHave().asReadOnlyByteBuffer());
            new SnapshotSender((ServerCallStreamObserver<SnapshotFrames>) out, snapshot).start();
        } catch (BrokerException | IllegalArgumentException | IOException e) {
            out.onError(ErrorMapping.toStatus(e));
        }
    }

    @Override
    public void describeReplica(DescribeReplicaRequest request, StreamObserver<ReplicaStatus> out) {
        executor.execute(() -> unary(
                out,
                () -> CompletableFuture.completedFuture(member(request.getClusterId())
                        .replicas()
                        .describe(
                                GroupId.parse(request.getGroupId()),
                                request.getWithDigest(),
                                request.getWithHolding()))));
    }

    @Override
    public void verifyReplica(VerifyReplicaRequest request, StreamObserver<VerifyReplicaResponse> out) {
        answer(
                out,
                () -> member(request.getClusterId())
                        .replicas()
                        .verify(GroupId.parse(request.getGroupId()), request.getFromOffset(), request.getToOffset()),
                verification -> VerifyReplicaResponse.newBuilder()
                        .setVerification(verification)
                        .build(),
                error -> VerifyReplicaResponse.newBuilder()
                        .setError(ErrorMapping.toProto(error))
                        .build());
    }

    @Override
    public void trustReplica(TrustReplicaRequest request, StreamObserver<TrustReplicaResponse> out) {
        executor.execute(() -> answer(
                out,
                () -> {
                    member(request.getClusterId())
                            .replicas()
                            .trust(
                                    GroupId.parse(request.getGroupId()),
                                    new LogPosition(request.getLastTerm(), request.getLastIndex()));
                    return CompletableFuture.completedFuture(true);
                },
                done -> TrustReplicaResponse.getDefaultInstance(),
                error -> TrustReplicaResponse.newBuilder()
                        .setError(ErrorMapping.toProto(error))
                        .build()));
    }

    private Member readyMember() {
        Member node = member;
        if (node == null) {
            throw new BrokerException(
                    ErrorCode.NOT_READY, "node " + self.node() + ": starting (expected: a member of a cluster)");
        }
        return node;
    }

    private Member member(String clusterId) {
        Member node = readyMember();
        if (!node.clusterId().equals(clusterId)) {
            throw new BrokerException(
                    ErrorCode.CLUSTER_MISMATCH,
                    "cluster id: " + clusterId + " (expected: " + node.clusterId() + ", the cluster of node "
                            + self.node() + ")");
        }
        return node;
    }

    private static ControllerCommand command(ControllerProposal request) {
        try {
            return ControllerCommand.parseFrom(request.getCommand());
        } catch (InvalidProtocolBufferException e) {
            throw new BrokerException(ErrorCode.INVALID_REQUEST, "controller command: " + e.getMessage(), e);
        }
    }

    private static <T, R> void answer(
            StreamObserver<R> out,
            Supplier<CompletableFuture<T>> call,
            Function<T, R> success,
            Function<BrokerException, R> refusal) {
        CompletableFuture<?> unused = start(call).whenComplete((value, failure) -> {
            out.onNext(failure == null ? success.apply(value) : refusal.apply(ErrorMapping.toBrokerException(failure)));
            out.onCompleted();
        });
    }

    private static <R> void unary(StreamObserver<R> out, Supplier<CompletableFuture<R>> call) {
        CompletableFuture<?> unused = start(call).whenComplete((value, failure) -> {
            if (failure == null) {
                out.onNext(value);
                out.onCompleted();
            } else {
                out.onError(ErrorMapping.toStatus(failure));
            }
        });
    }

    private static <T> CompletableFuture<T> start(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (BrokerException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** For what still comes on a stream that was refused. */
    private static final class Unheard<T> implements StreamObserver<T> {
        @Override
        public void onNext(T message) {}

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
    }
}
