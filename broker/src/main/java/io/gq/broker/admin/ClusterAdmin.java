package io.gq.broker.admin;

import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.metadata.LeaderTable;
import io.gq.broker.metadata.MetadataAnswers;
import io.gq.broker.peer.ControllerClient;
import io.gq.controller.ControllerProposals;
import io.gq.controller.NewTopic;
import io.gq.controller.Proposal;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.controller.placement.BrokerLoad;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.TopicId;
import io.gq.core.TopicPartition;
import io.gq.core.service.TopicSpec;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.AddPartitionsRequest;
import io.gq.proto.v1.AlterTopicRequest;
import io.gq.proto.v1.CreateTopicRequest;
import io.gq.proto.v1.DeleteTopicRequest;
import io.gq.proto.v1.DescribeClusterResponse;
import io.gq.proto.v1.MeshPeer;
import io.gq.proto.v1.TopicInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes and describes topics. Works on any broker: choices are made from this node's image and proposed to the controller's leader,
 * whose log has the last word. Safe for use by many threads.
 */
public final class ClusterAdmin {

    private static final Duration IMAGE_LAG = Duration.ofMillis(500);

    private final ControllerProposals proposals;
    private final ControllerClient controller;
    private final ImageHolder images;
    private final LeaderTable leaders;
    private final MetadataAnswers answers;
    private final Supplier<Map<NodeId, BrokerLoad>> loads;
    private final Supplier<Optional<NodeId>> controllerLeader;
    private final NodeId self;
    private final Supplier<List<MeshPeer>> mesh;
    private final List<NodeId> controllerVoters;
    private final Scheduler scheduler;
    private final Duration timeout;

    /**
     * @param mesh how this node sees the other brokers
     * @param timeout for a change to be recorded
     */
    public ClusterAdmin(
            NodeId self,
            ControllerProposals proposals,
            ControllerClient controller,
            ImageHolder images,
            LeaderTable leaders,
            MetadataAnswers answers,
            Supplier<Map<NodeId, BrokerLoad>> loads,
            Supplier<Optional<NodeId>> controllerLeader,
            List<NodeId> controllerVoters,
            Supplier<List<MeshPeer>> mesh,
            Scheduler scheduler,
            Duration timeout) {
        this.self = self;
        this.mesh = mesh;
        this.proposals = proposals;
        this.controller = controller;
        this.images = images;
        this.leaders = leaders;
        this.answers = answers;
        this.loads = loads;
        this.controllerLeader = controllerLeader;
        this.controllerVoters = List.copyOf(controllerVoters);
        this.scheduler = scheduler;
        this.timeout = timeout;
    }

    /** Completes once the topic is recorded and, where the request waits, once every partition takes writes. */
    public CompletableFuture<TopicInfo> createTopic(CreateTopicRequest request) {
        NewTopic topic =
                new NewTopic(request.getName(), request.getPartitions(), request.getReplicas(), request.getConfigMap());
        Proposal proposal = proposals.createTopic(ready(), loads.get(), topic);
        if (request.getValidateOnly()) {
            return CompletableFuture.completedFuture(
                    answers.topic(proposal.preview().topic(topic.name()).orElseThrow()));
        }
        TopicId id = Wire.topicId(proposal.command().getCreateTopic().getTopicId());
        return change(proposal)
                .exceptionallyCompose(refusal -> imageWhere(
                        ErrorCode.TOPIC_EXISTS,
                        refusal,
                        image -> image.topic(id).isPresent()))
                .thenCompose(image -> writable(id, Duration.ofMillis(request.getWaitMs())));
    }

    public CompletableFuture<TopicInfo> addPartitions(AddPartitionsRequest request) {
        Proposal proposal =
                proposals.addPartitions(ready(), loads.get(), named(request.getName()), request.getPartitions());
        TopicId id = Wire.topicId(proposal.command().getAddPartitions().getTopicId());
        return change(proposal)
                .exceptionallyCompose(refusal -> imageWhere(
                        ErrorCode.INVALID_PARTITIONS,
                        refusal,
                        image -> image.topic(id)
                                .filter(t -> t.partitions().size() == request.getPartitions())
                                .isPresent()))
                .thenCompose(image -> writable(id, Duration.ofMillis(request.getWaitMs())));
    }

    public CompletableFuture<TopicInfo> alterTopic(AlterTopicRequest request) {
        Proposal proposal =
                proposals.alterTopic(ready(), named(request.getName()), request.getSetMap(), request.getUnsetList());
        TopicId id = Wire.topicId(proposal.command().getAlterTopic().getTopicId());
        return change(proposal).thenApply(image -> answers.topic(topic(image, id)));
    }

    /** Completes once the topic is gone and, where the request waits, once the live replicas' files are. */
    public CompletableFuture<Void> deleteTopic(DeleteTopicRequest request) {
        Proposal proposal = proposals.deleteTopic(ready(), named(request.getName()));
        TopicId id = Wire.topicId(proposal.command().getDeleteTopic().getTopicId());
        return change(proposal)
                .exceptionallyCompose(refusal -> imageWhere(
                        ErrorCode.UNKNOWN_TOPIC,
                        refusal,
                        image -> image.topic(id).isEmpty()))
                .thenCompose(image -> filesGone(id, Duration.ofMillis(request.getWaitMs())));
    }

    public List<TopicInfo> listTopics() {
        return ready().topics().stream().map(answers::topic).toList();
    }

    /** @throws BrokerException UNKNOWN_TOPIC */
    public TopicImage findTopic(String name) {
        return ready().topic(name)
                .orElseThrow(() -> new BrokerException(
                        ErrorCode.UNKNOWN_TOPIC, "topic: '" + name + "' (expected: an existing topic)"));
    }

    /** Every topic there is. */
    List<TopicImage> topics() {
        return List.copyOf(ready().topics());
    }

    public TopicInfo describe(TopicImage topic) {
        return answers.topic(topic);
    }

    /** @param listener by whose addresses brokers are told */
    public DescribeClusterResponse describeCluster(String listener) {
        ClusterImage image = ready();
        int partitions = 0;
        int leaderless = 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                partitions++;
                leaderless += leaders.leaderOf(partition.group()).isPresent() ? 0 : 1;
            }
        }
        DescribeClusterResponse.Builder response = DescribeClusterResponse.newBuilder()
                .setClusterId(image.clusterId())
                .setControllerId(controllerLeader.get().map(NodeId::value).orElse(0))
                .setImageVersion(image.version())
                .setFeatureLevel(image.featureLevel())
                .setTopics(image.topicCount())
                .setPartitions(partitions)
                .setLeaderlessPartitions(leaderless)
                .setAnsweredBy(self.value())
                .addAllMesh(mesh.get());
        controllerVoters.forEach(node -> response.addControllerVoters(node.value()));
        image.brokers().forEach(broker -> response.addBrokers(answers.broker(image, broker, listener)));
        return response.build();
    }

    private ClusterImage ready() {
        ClusterImage image = images.image();
        if (image.clusterId().isEmpty()) {
            throw new BrokerException(
                    ErrorCode.NOT_READY, "cluster metadata: none yet (expected: a controller with a leader)");
        }
        return image;
    }

    private CompletableFuture<ClusterImage> change(Proposal proposal) {
        return controller
                .propose(proposal.command(), timeout)
                .thenCompose(reply -> images.await(reply.getImageVersion()));
    }

    /**
     * The answer to a proposal may be lost, and the proposal then be refused when it is repeated because it had worked before. So where this
     * very refusal comes, the image of this node, which may lag, is given a moment to show what was wanted.
     */
    private CompletableFuture<ClusterImage> imageWhere(
            ErrorCode expected, Throwable refusal, Predicate<ClusterImage> wanted) {
        if (ErrorMapping.toBrokerException(refusal).code() != expected) {
            return CompletableFuture.failedFuture(refusal);
        }
        return when(() -> wanted.test(images.image()), IMAGE_LAG, listener -> {}, listener -> {})
                .thenApply(worked -> {
                    if (!worked) {
                        throw ErrorMapping.toBrokerException(refusal);
                    }
                    return images.image();
                });
    }

    private CompletableFuture<TopicInfo> writable(TopicId id, Duration wait) {
        TopicImage topic = topic(images.image(), id);
        if (wait.isZero()) {
            return CompletableFuture.completedFuture(answers.topic(topic));
        }
        return when(() -> leaderless(topic) == null, wait, leaders::onChange, leaders::removeListener)
                .thenApply(inTime -> {
                    PartitionImage without = leaderless(topic);
                    if (without != null) {
                        throw new BrokerException(
                                ErrorCode.TIMEOUT, // whoever asks again is told that the topic exists
                                "topic '" + topic.name() + "' is created; leader of "
                                        + new TopicPartition(topic.name(), without.partition()) + ": none after "
                                        + wait.toMillis() + " ms (expected: an elected one)");
                    }
                    return answers.topic(topic(images.image(), id));
                });
    }

    /** Completes with true once somebody leads the group, with false when the time has passed. */
    CompletableFuture<Boolean> led(GroupId group, Duration wait) {
        return when(() -> leaders.leaderOf(group).isPresent(), wait, leaders::onChange, leaders::removeListener);
    }

    private @Nullable PartitionImage leaderless(TopicImage topic) {
        for (PartitionImage partition : topic.partitions()) {
            if (leaders.leaderOf(partition.group()).isEmpty()) {
                return partition;
            }
        }
        return null;
    }

    private CompletableFuture<Void> filesGone(TopicId id, Duration wait) {
        if (wait.isZero()) {
            return CompletableFuture.completedFuture(null);
        }
        return when(
                        () -> images.image()
                                .deletedTopic(id)
                                .map(t -> t.pending().stream()
                                        .noneMatch(n -> images.image()
                                                .broker(n)
                                                .map(b -> b.alive())
                                                .orElse(false)))
                                .orElse(true),
                        wait,
                        listener -> {},
                        listener -> {})
                .thenApply(inTime -> null);
    }

    /** Completes with true when the condition holds, with false when the time has passed. */
    private CompletableFuture<Boolean> when(
            Supplier<Boolean> condition,
            Duration wait,
            java.util.function.Consumer<Runnable> listen,
            java.util.function.Consumer<Runnable> unlisten) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Runnable check = () -> {
            if (condition.get()) {
                done.complete(true);
            }
        };
        listen.accept(check);
        Scheduler.Cancellable poll = scheduler.every(Duration.ofMillis(50), check);
        Scheduler.Cancellable end = scheduler.after(wait, () -> done.complete(false));
        check.run();
        CompletableFuture<?> unused = done.whenComplete((r, e) -> {
            unlisten.accept(check);
            poll.cancel();
            end.cancel();
        });
        return done;
    }

    private static TopicImage topic(ClusterImage image, TopicId id) {
        return image.topic(id)
                .orElseThrow(() ->
                        new BrokerException(ErrorCode.UNKNOWN_TOPIC, "topic with id " + id + ": deleted meanwhile"));
    }

    private static TopicSpec named(String name) {
        return new TopicSpec(Optional.empty(), name);
    }
}
