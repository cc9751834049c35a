package io.gq.controller.image;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.gq.core.Invariant;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.proto.v1.BrokerRecord;
import io.gq.proto.v1.ClusterImageRecord;
import io.gq.proto.v1.DeletedTopicRecord;
import io.gq.proto.v1.TopicRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** The stored form of a {@link ClusterImage}: a {@link ClusterImageRecord}. Equal images give equal bytes. */
public final class ClusterImageCodec {

    private ClusterImageCodec() {}

    /** Bytes that are the same on every replica: lists by id or name, maps by key. */
    public static byte[] encode(ClusterImage image) {
        ClusterImageRecord stored = toRecord(image);
        byte[] bytes = new byte[stored.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            stored.writeTo(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("an array does not fail", e);
        }
        return bytes;
    }

    /** @throws IllegalArgumentException where the bytes are not an image */
    public static ClusterImage decode(ByteBuffer bytes) {
        try {
            return fromRecord(ClusterImageRecord.parseFrom(bytes.duplicate()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("cluster image: not a message of this kind: " + e.getMessage(), e);
        }
    }

    public static ClusterImageRecord toRecord(ClusterImage image) {
        ClusterImageRecord.Builder builder = ClusterImageRecord.newBuilder()
                .setVersion(image.version())
                .setClusterId(image.clusterId())
                .setFeatureLevel(image.featureLevel())
                .setNextProducerId(image.nextProducerId())
                .setLastTimestampMs(image.lastTimestampMs());
        image.brokers().forEach(broker -> builder.addBrokers(toRecord(broker)));
        image.topics().forEach(topic -> builder.addTopics(toRecord(topic)));
        image.deletedTopics().forEach(deleted -> builder.addDeletedTopics(toRecord(deleted)));
        return builder.build();
    }

    /** @throws IllegalArgumentException where a field holds what no image can hold */
    public static ClusterImage fromRecord(ClusterImageRecord stored) {
        ClusterImage.Parts parts = new ClusterImage.Parts();
        parts.version = stored.getVersion();
        parts.clusterId = stored.getClusterId();
        parts.featureLevel = stored.getFeatureLevel();
        parts.nextProducerId = stored.getNextProducerId();
        parts.lastTimestampMs = stored.getLastTimestampMs();
        ClusterImageDelta delta = new ClusterImageDelta(parts);
        try {
            stored.getBrokersList().forEach(broker -> delta.broker(fromRecord(broker)));
            Set<TopicId> topics = new HashSet<>();
            for (TopicRecord record : stored.getTopicsList()) {
                TopicImage topic = fromRecord(record);
                if (!topics.add(topic.id())) {
                    throw new IllegalArgumentException("topic id: " + topic.id() + " (expected: once)");
                }
                delta.topic(topic);
            }
            stored.getDeletedTopicsList().forEach(deleted -> delta.tombstone(fromRecord(deleted)));
            return delta.build();
        } catch (Invariant.Violation e) { // bytes that contradict themselves are no defect of ours
            throw new IllegalArgumentException("cluster image: " + e.getMessage(), e);
        }
    }

    private static BrokerRecord toRecord(BrokerImage broker) {
        return BrokerRecord.newBuilder()
                .setNodeId(broker.node().value())
                .setIncarnation(broker.incarnation())
                .setProcessEpoch(broker.processEpoch())
                .setRack(broker.rack())
                .putAllListeners(Wire.endpoints(broker.listeners()))
                .setAlive(broker.alive())
                .build();
    }

    private static BrokerImage fromRecord(BrokerRecord stored) {
        return new BrokerImage(
                new PeerId(new NodeId(stored.getNodeId()), stored.getIncarnation()),
                stored.getProcessEpoch(),
                stored.getRack(),
                Wire.listeners(stored.getListenersMap()),
                stored.getAlive());
    }

    private static TopicRecord toRecord(TopicImage topic) {
        TopicRecord.Builder builder = TopicRecord.newBuilder()
                .setName(topic.name())
                .setTopicId(Wire.topicId(topic.id()))
                .setCreatedMs(topic.createdMs())
                .putAllConfig(topic.config());
        topic.partitions().forEach(partition -> builder.addPartitions(Wire.partition(partition)));
        return builder.build();
    }

    private static TopicImage fromRecord(TopicRecord stored) {
        return new TopicImage(
                Wire.topicId(stored.getTopicId()),
                stored.getName(),
                stored.getCreatedMs(),
                stored.getConfigMap(),
                Wire.partitions(stored.getPartitionsList()));
    }

    private static DeletedTopicRecord toRecord(DeletedTopicImage deleted) {
        DeletedTopicRecord.Builder builder = DeletedTopicRecord.newBuilder()
                .setTopicId(Wire.topicId(deleted.id()))
                .setName(deleted.name());
        deleted.partitions().forEach(partition -> builder.addPartitions(Wire.partition(partition)));
        deleted.pending().forEach(node -> builder.addPendingNodes(node.value()));
        return builder.build();
    }

    private static DeletedTopicImage fromRecord(DeletedTopicRecord stored) {
        TopicId id = Wire.topicId(stored.getTopicId());
        List<PartitionImage> partitions = Wire.partitions(stored.getPartitionsList());
        SortedSet<NodeId> pending = new TreeSet<>();
        stored.getPendingNodesList().forEach(node -> pending.add(new NodeId(node)));
        return new DeletedTopicImage(id, stored.getName(), partitions, pending);
    }
}
