package io.gq.client.fake;

import io.gq.client.internal.Errors;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
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
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.TransferLeaderRequest;
import io.gq.proto.v1.TransferLeaderResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** What admins call. */
final class FakeAdminService extends AdminGrpc.AdminImplBase {

    private final FakeCluster cluster;
    private final FakeBroker broker;

    FakeAdminService(FakeCluster cluster, FakeBroker broker) {
        this.cluster = cluster;
        this.broker = broker;
    }

    @Override
    public void createTopic(CreateTopicRequest q, StreamObserver<CreateTopicResponse> out) {
        answer(out, () -> {
            FakeTopic topic = q.getValidateOnly()
                    ? cluster.plan(q.getName(), q.getPartitions(), q.getReplicas(), q.getConfigMap())
                    : cluster.createTopic(q.getName(), q.getPartitions(), q.getReplicas(), q.getConfigMap());
            cluster.made(topic);
            return CreateTopicResponse.newBuilder()
                    .setTopic(cluster.info(topic))
                    .build();
        });
    }

    @Override
    public void deleteTopic(DeleteTopicRequest q, StreamObserver<DeleteTopicResponse> out) {
        answer(out, () -> {
            cluster.deleteTopic(q.getName());
            return DeleteTopicResponse.getDefaultInstance();
        });
    }

    @Override
    public void listTopics(ListTopicsRequest q, StreamObserver<ListTopicsResponse> out) {
        answer(out, () -> {
            cluster.listed();
            ListTopicsResponse.Builder answer = ListTopicsResponse.newBuilder();
            cluster.topics().forEach(t -> answer.addTopics(cluster.info(t)));
            return answer.build();
        });
    }

    @Override
    public void describeTopic(DescribeTopicRequest q, StreamObserver<DescribeTopicResponse> out) {
        answer(out, () -> {
            FakeTopic topic = cluster.topic(q.getName());
            DescribeTopicResponse.Builder answer =
                    DescribeTopicResponse.newBuilder().setTopic(cluster.info(topic));
            for (int p = 0; p < topic.partitions.size(); p++) {
                FakePartition partition = topic.partitions.get(p);
                for (int node : partition.replicas) {
                    answer.addReplicas(ReplicaStatus.newBuilder()
                            .setNodeId(node)
                            .setPartition(p)
                            .setRole(node == partition.leader ? "LEADER" : "FOLLOWER")
                            .setTerm(partition.term)
                            .setHighWatermark(partition.endOffset())
                            .setLogEndOffset(partition.endOffset()));
                }
            }
            return answer.build();
        });
    }

    @Override
    public void alterTopic(AlterTopicRequest q, StreamObserver<AlterTopicResponse> out) {
        answer(out, () -> {
            FakeTopic topic = cluster.topic(q.getName());
            q.getSetMap().keySet().forEach(FakeCluster::checkSetting);
            topic.config.putAll(q.getSetMap());
            q.getUnsetList().forEach(topic.config::remove);
            cluster.changed();
            return AlterTopicResponse.newBuilder().setTopic(cluster.info(topic)).build();
        });
    }

    @Override
    public void addPartitions(AddPartitionsRequest q, StreamObserver<AddPartitionsResponse> out) {
        answer(out, () -> {
            cluster.addPartitions(q.getName(), q.getPartitions());
            return AddPartitionsResponse.newBuilder()
                    .setTopic(cluster.info(cluster.topic(q.getName())))
                    .build();
        });
    }

    @Override
    public void describeCluster(DescribeClusterRequest q, StreamObserver<DescribeClusterResponse> out) {
        answer(out, () -> {
            DescribeClusterResponse.Builder answer = DescribeClusterResponse.newBuilder()
                    .setClusterId(cluster.clusterId())
                    .setControllerId(1)
                    .setTopics(cluster.topics().size());
            cluster.brokers().forEach(b -> {
                answer.addBrokers(cluster.info(b));
                answer.addControllerVoters(b.node());
            });
            for (FakeTopic topic : cluster.topics()) {
                answer.setPartitions(answer.getPartitions() + topic.partitions.size());
                long leaderless =
                        topic.partitions.stream().filter(p -> p.leader == 0).count();
                answer.setLeaderlessPartitions(answer.getLeaderlessPartitions() + (int) leaderless);
            }
            return answer.build();
        });
    }

    @Override
    public void transferLeader(TransferLeaderRequest q, StreamObserver<TransferLeaderResponse> out) {
        answer(out, () -> {
            TopicPartition tp = new TopicPartition(q.getTopic(), q.getPartition());
            FakePartition partition = cluster.partition(tp);
            int to = q.getToNode() == 0 ? partition.replicas.get(0) : q.getToNode();
            if (!partition.replicas.contains(to)) {
                throw new BrokerException(ErrorCode.UNKNOWN_BROKER, "toNode: " + to + " (expected: a replica)");
            }
            cluster.moveLeader(tp, to);
            return TransferLeaderResponse.getDefaultInstance();
        });
    }

    @Override
    public void balanceLeaders(BalanceLeadersRequest q, StreamObserver<BalanceLeadersResponse> out) {
        answer(out, () -> {
            BalanceLeadersResponse.Builder answer = BalanceLeadersResponse.newBuilder();
            for (FakeTopic topic : cluster.topics()) {
                for (int p = 0; p < topic.partitions.size(); p++) {
                    FakePartition partition = topic.partitions.get(p);
                    int preferred = partition.replicas.get(0);
                    if (partition.leader == preferred) {
                        answer.setPreferred(answer.getPreferred() + 1);
                    } else if (cluster.broker(preferred).running()) {
                        cluster.moveLeader(new TopicPartition(topic.name, p), preferred);
                        answer.setMoved(answer.getMoved() + 1);
                    } else {
                        answer.setLeft(answer.getLeft() + 1);
                    }
                }
            }
            return answer.build();
        });
    }

    @Override
    public void recoverPartition(RecoverPartitionRequest q, StreamObserver<RecoverPartitionResponse> out) {
        answer(out, () -> FakeRecovery.answer(q, cluster.topic(q.getTopic())));
    }

    private <R> void answer(StreamObserver<R> out, Supplier<R> work) {
        broker.awaitUnfrozen();
        R result;
        synchronized (cluster) {
            try {
                result = work.get();
            } catch (BrokerException e) {
                Metadata trailers = new Metadata();
                trailers.put(Errors.TRAILER, FakeCluster.wire(e).toByteArray());
                out.onError(Status.FAILED_PRECONDITION
                        .withDescription(e.getMessage())
                        .asRuntimeException(trailers));
                return;
            }
        }
        out.onNext(result);
        out.onCompleted();
    }
}
