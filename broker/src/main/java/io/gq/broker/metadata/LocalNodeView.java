package io.gq.broker.metadata;

import io.gq.broker.grpc.NodeView;
import io.gq.broker.service.ProducerIds;
import io.gq.broker.service.Router;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.service.Principal;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.LeaderHint;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.NewLeader;
import io.gq.proto.v1.TopicInfo;
import io.gq.proto.v1.TopicRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the front door is told of this node. */
public final class LocalNodeView implements NodeView {

    private final Supplier<Info> info;
    private final ImageHolder images;
    private final LeaderTable leaders;
    private final MetadataAnswers answers;
    private final Router router;
    private final Supplier<Optional<NodeId>> controllerLeader;
    private final ProducerIds producerIds;
    private final Function<BrokerException, io.gq.proto.v1.Error> toProto;

    public LocalNodeView(
            Supplier<Info> info,
            ImageHolder images,
            LeaderTable leaders,
            MetadataAnswers answers,
            Router router,
            Supplier<Optional<NodeId>> controllerLeader,
            ProducerIds producerIds,
            Function<BrokerException, io.gq.proto.v1.Error> toProto) {
        this.info = info;
        this.images = images;
        this.leaders = leaders;
        this.answers = answers;
        this.router = router;
        this.controllerLeader = controllerLeader;
        this.producerIds = producerIds;
        this.toProto = toProto;
    }

    @Override
    public Info info() {
        return info.get();
    }

    @Override
    public MetadataResponse metadata(Principal principal, String listener, List<String> topics) {
        ClusterImage image = images.image();
        if (image.clusterId().isEmpty()) {
            throw new BrokerException(
                    ErrorCode.NOT_READY, "cluster metadata: none yet (expected: a controller with a leader)");
        }
        MetadataResponse.Builder response = MetadataResponse.newBuilder()
                .setClusterId(image.clusterId())
                .setControllerId(controllerLeader.get().map(NodeId::value).orElse(0))
                .setImageVersion(image.version());
        image.brokers().forEach(broker -> response.addBrokers(answers.broker(image, broker, listener)));
        if (topics.isEmpty()) {
            image.topics().forEach(topic -> response.addTopics(answers.topic(topic)));
        }
        for (String name : topics) {
            response.addTopics(image.topic(name).map(answers::topic).orElseGet(() -> unknown(name)));
        }
        return response.build();
    }

    @Override
    public Optional<LeaderHint> leader(String listener, TopicSpec spec, int partition) {
        try {
            TopicImage topic = router.topic(spec);
            PartitionImage image = Router.partition(topic, partition);
            return leaders.leaderOf(image.group()).map(leader -> hint(leader, listener));
        } catch (BrokerException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<NewLeader> leaders(String listener, List<String> topics) {
        ClusterImage image = images.image();
        List<TopicImage> wanted = topics.isEmpty()
                ? List.copyOf(image.topics())
                : topics.stream().flatMap(name -> image.topic(name).stream()).toList();
        List<NewLeader> known = new ArrayList<>();
        for (TopicImage topic : wanted) {
            TopicRef ref = TopicRef.newBuilder()
                    .setName(topic.name())
                    .setId(Wire.topicId(topic.id()))
                    .build();
            for (PartitionImage partition : topic.partitions()) {
                leaders.leaderOf(partition.group())
                        .ifPresent(leader -> known.add(NewLeader.newBuilder()
                                .setTopic(ref)
                                .setPartition(partition.partition())
                                .setLeader(hint(leader, listener))
                                .build()));
            }
        }
        return known;
    }

    @Override
    public void onLeaderChange(Runnable listener) {
        leaders.onChange(listener);
    }

    private LeaderHint hint(LeaderTable.Leader leader, String listener) {
        LeaderHint.Builder hint =
                LeaderHint.newBuilder().setNodeId(leader.node().value()).setTerm(leader.term());
        answers.clientEndpoint(images.image(), leader.node(), listener).ifPresent(hint::setEndpoint);
        return hint.build();
    }

    @Override
    public CompletableFuture<ProducerIdentity> allocateProducerId(Principal principal) {
        return producerIds.take().thenApply(id -> new ProducerIdentity(id, 0));
    }

    private TopicInfo unknown(String name) {
        return TopicInfo.newBuilder()
                .setName(name)
                .setError(toProto.apply(new BrokerException(
                        ErrorCode.UNKNOWN_TOPIC, "topic: '" + name + "' (expected: an existing topic)")))
                .build();
    }
}
