package io.gq.broker.grpc;

import io.gq.broker.admin.ClusterAdmin;
import io.gq.broker.admin.PartitionRecovery;
import io.gq.broker.admin.PartitionVerification;
import io.gq.broker.admin.ReplicaAdmin;
import io.gq.proto.v1.AddPartitionsRequest;
import io.gq.proto.v1.AddPartitionsResponse;
import io.gq.proto.v1.AdminGrpc;
import io.gq.proto.v1.AlterTopicRequest;
import io.gq.proto.v1.AlterTopicResponse;
import io.gq.proto.v1.BalanceLeadersRequest;
import io.gq.proto.v1.BalanceLeadersResponse;
import io.gq.proto.v1.CreateTopicRequest;
import io.gq.proto.v1.CreateTopicResponse;
import io.gq.proto.v1.DeleteTopicRequest;
import io.gq.proto.v1.DeleteTopicResponse;
import io.gq.proto.v1.DescribeClusterRequest;
import io.gq.proto.v1.DescribeClusterResponse;
import io.gq.proto.v1.DescribeTopicRequest;
import io.gq.proto.v1.DescribeTopicResponse;
import io.gq.proto.v1.ListTopicsRequest;
import io.gq.proto.v1.ListTopicsResponse;
import io.gq.proto.v1.RecoverPartitionRequest;
import io.gq.proto.v1.RecoverPartitionResponse;
import io.gq.proto.v1.TransferLeaderRequest;
import io.gq.proto.v1.TransferLeaderResponse;
import io.gq.proto.v1.VerifyPartitionRequest;
import io.gq.proto.v1.VerifyPartitionResponse;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The Admin service of the wire, call by call. */
public final class AdminEndpoint extends AdminGrpc.AdminImplBase {

    private final ClusterAdmin cluster;
    private final ReplicaAdmin replicas;
    private final PartitionRecovery recovery;
    private final PartitionVerification verification;
    private final Executor executor;

    /** @param executor runs calls that ask other brokers */
    public AdminEndpoint(
            ClusterAdmin cluster,
            ReplicaAdmin replicas,
            PartitionRecovery recovery,
            PartitionVerification verification,
            Executor executor) {
        this.cluster = cluster;
        this.replicas = replicas;
        this.recovery = recovery;
        this.verification = verification;
        this.executor = executor;
    }

    @Override
    public void createTopic(CreateTopicRequest request, StreamObserver<CreateTopicResponse> out) {
        answer(
                out,
                () -> cluster.createTopic(request)
                        .thenApply(topic ->
                                CreateTopicResponse.newBuilder().setTopic(topic).build()));
    }

    @Override
    public void deleteTopic(DeleteTopicRequest request, StreamObserver<DeleteTopicResponse> out) {
        answer(out, () -> cluster.deleteTopic(request).thenApply(done -> DeleteTopicResponse.getDefaultInstance()));
    }

    @Override
    public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> out) {
        answer(
                out,
                () -> CompletableFuture.completedFuture(ListTopicsResponse.newBuilder()
                        .addAllTopics(cluster.listTopics())
                        .build()));
    }

    @Override
    public void describeTopic(DescribeTopicRequest request, StreamObserver<DescribeTopicResponse> out) {
        executor.execute(() -> answer(out, () -> replicas.describeTopic(request)));
    }

    @Override
    public void alterTopic(AlterTopicRequest request, StreamObserver<AlterTopicResponse> out) {
        answer(
                out,
                () -> cluster.alterTopic(request)
                        .thenApply(topic ->
                                AlterTopicResponse.newBuilder().setTopic(topic).build()));
    }

    @Override
    public void addPartitions(AddPartitionsRequest request, StreamObserver<AddPartitionsResponse> out) {
        answer(
                out,
                () -> cluster.addPartitions(request)
                        .thenApply(topic -> AddPartitionsResponse.newBuilder()
                                .setTopic(topic)
                                .build()));
    }

    @Override
    public void describeCluster(DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> out) {
        answer(
                out,
                () -> CompletableFuture.completedFuture(
                        cluster.describeCluster(Connection.current().listener())));
    }

    @Override
    public void transferLeader(TransferLeaderRequest request, StreamObserver<TransferLeaderResponse> out) {
        answer(
                out,
                () -> replicas.transferLeader(request).thenApply(done -> TransferLeaderResponse.getDefaultInstance()));
    }

    @Override
    public void balanceLeaders(BalanceLeadersRequest request, StreamObserver<BalanceLeadersResponse> out) {
        executor.execute(() -> answer(out, replicas::balanceLeaders));
    }

    @Override
    public void recoverPartition(RecoverPartitionRequest request, StreamObserver<RecoverPartitionResponse> out) {
        executor.execute(() -> answer(out, () -> recovery.recover(request)));
    }

    @Override
    public void verifyPartition(VerifyPartitionRequest request, StreamObserver<VerifyPartitionResponse> out) {
        executor.execute(() -> answer(out, () -> verification.verify(request)));
    }

    private static <T> void answer(StreamObserver<T> out, Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> answer;
        try {
            answer = call.get();
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<?> unused = answer.whenComplete((value, failure) -> {
            if (failure == null) {
                out.onNext(value);
                out.onCompleted();
            } else {
                out.onError(ErrorMapping.toStatus(failure));
            }
        });
    }
}
