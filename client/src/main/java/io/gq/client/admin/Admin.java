package io.gq.client.admin;

import io.gq.client.GqException;
import io.gq.client.internal.AdminCalls;
import io.gq.client.internal.AnyBroker;
import io.gq.client.internal.AnyBroker.CallFailed;
import io.gq.client.internal.AnyBroker.Reply;
import io.gq.client.internal.ClientRuntime;
import io.gq.client.internal.Errors;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.proto.v1.AddPartitionsRequest;
import io.gq.proto.v1.AlterTopicRequest;
import io.gq.proto.v1.BalanceLeadersRequest;
import io.gq.proto.v1.BalanceLeadersResponse;
import io.gq.proto.v1.CreateTopicRequest;
import io.gq.proto.v1.DeleteTopicRequest;
import io.gq.proto.v1.DescribeClusterRequest;
import io.gq.proto.v1.DescribeTopicRequest;
import io.gq.proto.v1.DescribeTopicResponse;
import io.gq.proto.v1.ListTopicsRequest;
import io.gq.proto.v1.RecoverPartitionRequest;
import io.gq.proto.v1.TransferLeaderRequest;
import io.gq.proto.v1.TrustedReplica;
import io.gq.proto.v1.VerifyPartitionRequest;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * Topics and the cluster. Every call waits for its answer, asks other brokers again while the reason of a failure may pass, and
 * gives up after the timeout (30 s by default). Safe for use by many threads. Closing it is not needed: it belongs to its client.
 */
public final class Admin implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration LEADERS_POLL = Duration.ofMillis(200);

    private final ClientRuntime runtime;
    private final Duration timeout;

    /** For {@link io.gq.client.GqClient#admin()}. */
    public Admin(ClientRuntime runtime) {
        this(runtime, TIMEOUT);
    }

    private Admin(ClientRuntime runtime, Duration timeout) {
        this.runtime = runtime;
        this.timeout = timeout;
    }

    /** The same with another timeout a call. */
    public Admin within(Duration limit) {
        return new Admin(runtime, limit);
    }

    /** Makes a topic and waits until every partition has a leader. */
    public TopicDescription createTopic(NewTopic topic) {
        return createTopic(topic, false);
    }

    /** Says whether the topic could be made, and how it would be placed, without making it. */
    public TopicDescription validateTopic(NewTopic topic) {
        return createTopic(topic, true);
    }

    private TopicDescription createTopic(NewTopic topic, boolean validateOnly) {
        Errors.checkTopic(topic.name());
        CreateTopicRequest request = CreateTopicRequest.newBuilder()
                .setName(topic.name())
                .setPartitions(topic.partitions())
                .setReplicas(topic.replicas())
                .putAllConfig(topic.config())
                .setValidateOnly(validateOnly)
                .setWaitMs(waitMs())
                .build();
        long started = runtime.outside().nanoTime().getAsLong();
        try {
            return Descriptions.topic(
                    call(AdminCalls.CREATE_TOPIC, request).value().getTopic());
        } catch (CallFailed e) {
            // made by an earlier try of this call, whose answer was lost or came before all its leaders
            if (e.uncertain() && e.reason().code() == ErrorCode.TOPIC_EXISTS && !validateOnly) {
                return awaitLeaders(topic.name(), started + timeout.toNanos());
            }
            throw e.reason();
        }
    }

    private TopicDescription awaitLeaders(String name, long deadline) {
        while (true) {
            TopicDescription topic = listTopics().stream()
                    .filter(t -> t.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new GqException(
                            ErrorCode.UNKNOWN_TOPIC,
                            "topic: '" + name + "' was deleted (expected: created by this call)"));
            List<Integer> leaderless = topic.partitions().stream()
                    .filter(p -> p.leader() == 0)
                    .map(PartitionDescription::partition)
                    .toList();
            if (leaderless.isEmpty()) {
                return topic;
            }
            if (runtime.outside().nanoTime().getAsLong() - deadline >= 0) {
                throw new GqException(
                        ErrorCode.TIMEOUT,
                        "topic '" + name + "' is created; " + leaderless.size() + " of "
                                + topic.partitions().size() + " partitions have no leader yet, the first of them "
                                + leaderless.get(0) + " (expected: all led within " + timeout.toMillis() + " ms)");
            }
            try {
                Thread.sleep(LEADERS_POLL.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new GqException(ErrorCode.OUTCOME_UNKNOWN, "createTopic: interrupted", e);
            }
        }
    }

    /** Deletes a topic with its records and waits until the live replicas have deleted their files. */
    public void deleteTopic(String name) {
        DeleteTopicRequest request = DeleteTopicRequest.newBuilder()
                .setName(name)
                .setWaitMs(waitMs())
                .build();
        try {
            call(AdminCalls.DELETE_TOPIC, request);
        } catch (CallFailed e) {
            if (!e.uncertain() || e.reason().code() != ErrorCode.UNKNOWN_TOPIC) {
                throw e.reason();
            }
        }
    }

    /** Every topic, by name. */
    public List<TopicDescription> listTopics() {
        return plain(AdminCalls.LIST_TOPICS, ListTopicsRequest.getDefaultInstance()).getTopicsList().stream()
                .map(Descriptions::topic)
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList();
    }

    public TopicDetails describeTopic(String name) {
        return describeTopic(name, List.of());
    }

    /** @param partitions whose replicas are asked; empty: all */
    public TopicDetails describeTopic(String name, Collection<Integer> partitions) {
        DescribeTopicResponse answer = plain(
                AdminCalls.DESCRIBE_TOPIC,
                DescribeTopicRequest.newBuilder()
                        .setName(name)
                        .addAllPartitions(partitions)
                        .build());
        return new TopicDetails(
                Descriptions.topic(answer.getTopic()),
                answer.getReplicasList().stream().map(Descriptions::replica).toList());
    }

    /**
     * Changes settings of a topic.
     *
     * @param unset settings that go back to their defaults
     */
    public TopicDescription alterTopic(String name, Map<String, String> set, Collection<String> unset) {
        AlterTopicRequest request = AlterTopicRequest.newBuilder()
                .setName(name)
                .putAllSet(set)
                .addAllUnset(unset)
                .build();
        return Descriptions.topic(plain(AdminCalls.ALTER_TOPIC, request).getTopic());
    }

    /**
     * Gives a topic more partitions and waits until they have leaders.
     *
     * @param partitions the new total
     */
    public TopicDescription addPartitions(String name, int partitions) {
        AddPartitionsRequest request = AddPartitionsRequest.newBuilder()
                .setName(name)
                .setPartitions(partitions)
                .setWaitMs(waitMs())
                .build();
        long started = runtime.outside().nanoTime().getAsLong();
        try {
            return Descriptions.topic(
                    call(AdminCalls.ADD_PARTITIONS, request).value().getTopic());
        } catch (CallFailed e) {
            if (e.uncertain() && e.reason().code() == ErrorCode.INVALID_PARTITIONS) {
                TopicDescription now = awaitLeaders(name, started + timeout.toNanos());
                if (now.partitions().size() == partitions) {
                    return now;
                }
            }
            throw e.reason();
        }
    }

    public ClusterDescription describeCluster() {
        return Descriptions.cluster(plain(AdminCalls.DESCRIBE_CLUSTER, DescribeClusterRequest.getDefaultInstance()));
    }

    /** Hands the lead of a partition to the node; 0: to its preferred leader. */
    public void transferLeader(TopicPartition partition, int toNode) {
        plain(
                AdminCalls.TRANSFER_LEADER,
                TransferLeaderRequest.newBuilder()
                        .setTopic(partition.topic())
                        .setPartition(partition.partition())
                        .setToNode(toNode)
                        .build());
    }

    /** Moves every partition that another replica leads back to its preferred leader, where that one is alive. */
    public LeaderBalance balanceLeaders() {
        BalanceLeadersResponse answer = plain(AdminCalls.BALANCE_LEADERS, BalanceLeadersRequest.getDefaultInstance());
        return new LeaderBalance(answer.getMoved(), answer.getPreferred(), answer.getLeft());
    }

    /**
     * Asks the replicas of a partition with durability=replicated how it can be led again after a majority of its machines went down at
     * once. Changes nothing.
     *
     * @param allowMissing replicas that do not answer may be given up
     * @throws GqException INVALID_REQUEST for a topic with another durability; other refusals are in the plan
     */
    public RecoveryPlan planRecovery(TopicPartition partition, boolean allowMissing) {
        RecoverPartitionRequest request =
                recovery(partition, allowMissing).setValidateOnly(true).build();
        return Descriptions.recovery(partition, plain(AdminCalls.RECOVER_PARTITION, request));
    }

    /**
     * Gives up what a plan says is lost: its replicas are trusted again. Waits for a leader.
     *
     * @param plan refused where other replicas would have to be trusted by now
     */
    public RecoveryPlan recover(RecoveryPlan plan, boolean allowMissing) {
        RecoverPartitionRequest.Builder request =
                recovery(plan.partition(), allowMissing).setWaitMs(waitMs());
        plan.trust()
                .forEach(replica -> request.addApproved(TrustedReplica.newBuilder()
                        .setNodeId(replica.node())
                        .setLastTerm(replica.lastTerm())
                        .setLastIndex(replica.lastIndex())));
        try {
            return Descriptions.recovery(
                    plan.partition(),
                    call(AdminCalls.RECOVER_PARTITION, request.build()).value());
        } catch (CallFailed e) {
            // done by an earlier try of this call, whose answer was lost
            if (e.uncertain() && e.reason().code() == ErrorCode.NOTHING_TO_RECOVER) {
                return plan;
            }
            throw e.reason();
        }
    }

    /**
     * Has every replica of a partition read all that it holds from its disk, and waits for it: give it {@linkplain #within time}. A
     * replica that is damaged is rebuilt then.
     */
    public PartitionVerification verify(TopicPartition partition) {
        VerifyPartitionRequest request = VerifyPartitionRequest.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .setTimeoutMs(waitMs())
                .build();
        return Descriptions.verification(partition, plain(AdminCalls.VERIFY_PARTITION, request));
    }

    private static RecoverPartitionRequest.Builder recovery(TopicPartition partition, boolean allowMissing) {
        return RecoverPartitionRequest.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .setAllowMissing(allowMissing);
    }

    @Override
    public void close() {
        // holds nothing of its own
    }

    private int waitMs() {
        return (int) Math.min(Integer.MAX_VALUE, timeout.toMillis() / 4 * 3);
    }

    private <Q, R> R plain(MethodDescriptor<Q, R> method, Q request) {
        try {
            return call(method, request).value();
        } catch (CallFailed e) {
            throw e.reason();
        }
    }

    private <Q, R> Reply<R> call(MethodDescriptor<Q, R> method, Q request) {
        try {
            return runtime.metadata()
                    .anyBroker()
                    .call(method, request, answer -> null, new AnyBroker.Limits(timeout, timeout))
                    .get();
        } catch (ExecutionException e) {
            Throwable cause = Errors.unwrap(e);
            if (cause instanceof CallFailed failed) {
                throw failed;
            }
            throw Errors.fromCall(String.valueOf(method.getBareMethodName()), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GqException(ErrorCode.OUTCOME_UNKNOWN, method.getBareMethodName() + ": interrupted", e);
        }
    }
}
