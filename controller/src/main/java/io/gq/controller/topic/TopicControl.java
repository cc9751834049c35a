package io.gq.controller.topic;

import com.google.protobuf.ByteString;
import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.image.Wire;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.core.TopicName;
import io.gq.proto.v1.AddPartitionsCommand;
import io.gq.proto.v1.AlterTopicCommand;
import io.gq.proto.v1.ConfirmDeletion;
import io.gq.proto.v1.CreateTopicCommand;
import io.gq.proto.v1.DeleteTopicCommand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Creates, changes and deletes topics.
 *
 * <p>Whether a setting's value makes sense is decided by the leader, before it proposes: the settings a version knows change from
 * version to version, and replicas of two versions must reach one verdict. Here settings are text of bounded length.
 *
 * <pre>
 *   (none) --create--> topic --delete--> tombstone --every replica's node confirmed--> (none)
 * </pre>
 */
public final class TopicControl {

    private static final Pattern CONFIG_KEY = Pattern.compile("[a-z0-9_.]{1,64}");
    private static final int CONFIG_VALUE_LENGTH_MAX = 1024;

    private TopicControl() {}

    public static Decision create(ClusterImage image, CreateTopicCommand command, long timestampMs) {
        TopicImage topic;
        try {
            topic = new TopicImage(
                    Wire.topicId(command.getTopicId()),
                    TopicName.check(command.getName()),
                    Math.max(timestampMs, image.lastTimestampMs()),
                    command.getConfigMap(),
                    Wire.partitions(command.getPartitionsList()));
        } catch (BrokerException e) {
            return Decision.refused(image, e.code(), e.getMessage());
        } catch (IllegalArgumentException e) {
            return Decision.refused(image, ErrorCode.INVALID_REQUEST, "create topic: " + e.getMessage());
        }
        if (image.topic(topic.name()).isPresent()) {
            return Decision.refused(
                    image, ErrorCode.TOPIC_EXISTS, "topic: '" + topic.name() + "' exists (expected: a new name)");
        }
        if (image.topic(topic.id()).isPresent()
                || image.deletedTopic(topic.id()).isPresent()) {
            return Decision.refused(
                    image, ErrorCode.INVALID_REQUEST, "topic id: " + topic.id() + " (expected: one never used)");
        }
        Refusal refusal = checkConfig(topic.config());
        if (refusal == null) {
            refusal = checkPartitions(image, topic.partitions());
        }
        return refusal != null
                ? refusal.decision(image)
                : Decision.accepted(image.change(timestampMs).topic(topic).build());
    }

    public static Decision delete(ClusterImage image, DeleteTopicCommand command, long timestampMs) {
        Found found = find(image, command.getName(), command.getTopicId());
        if (found.refusal() != null) {
            return found.refusal().decision(image);
        }
        return Decision.accepted(
                image.change(timestampMs).deleteTopic(found.topic().id()).build());
    }

    public static Decision alter(ClusterImage image, AlterTopicCommand command, long timestampMs) {
        Found found = find(image, command.getName(), command.getTopicId());
        if (found.refusal() != null) {
            return found.refusal().decision(image);
        }
        TopicImage topic = found.topic();
        SortedMap<String, String> config = new TreeMap<>(topic.config());
        for (String key : command.getUnsetList()) {
            if (command.containsSet(key)) {
                return Decision.refused(
                        image, ErrorCode.INVALID_CONFIG, key + ": both set and unset (expected: one of them)");
            }
            config.remove(key);
        }
        config.putAll(command.getSetMap());
        Refusal refusal = checkConfig(config);
        if (refusal != null) {
            return refusal.decision(image);
        }
        if (config.equals(topic.config())) {
            return Decision.accepted(image);
        }
        TopicImage next = new TopicImage(topic.id(), topic.name(), topic.createdMs(), config, topic.partitions());
        return Decision.accepted(image.change(timestampMs).topic(next).build());
    }

    public static Decision addPartitions(ClusterImage image, AddPartitionsCommand command, long timestampMs) {
        Found found = find(image, command.getName(), command.getTopicId());
        if (found.refusal() != null) {
            return found.refusal().decision(image);
        }
        TopicImage topic = found.topic();
        List<PartitionImage> added;
        TopicImage next;
        try {
            added = Wire.partitions(command.getPartitionsList());
            List<PartitionImage> all = new ArrayList<>(topic.partitions());
            all.addAll(added);
            next = new TopicImage(topic.id(), topic.name(), topic.createdMs(), topic.config(), all);
        } catch (IllegalArgumentException e) {
            return Decision.refused(image, ErrorCode.INVALID_PARTITIONS, "add partitions: " + e.getMessage());
        }
        Refusal refusal = checkPartitions(image, added);
        return refusal != null
                ? refusal.decision(image)
                : Decision.accepted(image.change(timestampMs).topic(next).build());
    }

    /** A node's files of a deleted topic are gone. Repeating it is harmless. */
    public static Decision confirmDeletion(ClusterImage image, ConfirmDeletion command, long timestampMs) {
        TopicId id;
        NodeId node;
        try {
            id = Wire.topicId(command.getTopicId());
            node = new NodeId(command.getNodeId());
        } catch (IllegalArgumentException e) {
            return Decision.refused(image, ErrorCode.INVALID_REQUEST, "confirm deletion: " + e.getMessage());
        }
        boolean waitedFor = image.deletedTopic(id)
                .map(deleted -> deleted.pending().contains(node))
                .orElse(false);
        return Decision.accepted(
                waitedFor ? image.change(timestampMs).confirmDeletion(id, node).build() : image);
    }

    /** Finds a topic by name and, where it is given, by id. */
    private static Found find(ClusterImage image, String name, ByteString idBytes) {
        TopicImage topic = image.topic(name).orElse(null);
        if (topic == null) {
            return Found.not(ErrorCode.UNKNOWN_TOPIC, "topic: '" + name + "' (expected: an existing topic)");
        }
        if (!idBytes.isEmpty()) {
            try {
                TopicId id = Wire.topicId(idBytes);
                if (!id.equals(topic.id())) {
                    return Found.not(
                            ErrorCode.UNKNOWN_TOPIC_ID,
                            "topic '" + name + "': id " + id + " (expected: " + topic.id() + ")");
                }
            } catch (IllegalArgumentException e) {
                return Found.not(ErrorCode.INVALID_REQUEST, e.getMessage());
            }
        }
        return new Found(topic, null);
    }

    private static @Nullable Refusal checkConfig(Map<String, String> config) {
        for (Map.Entry<String, String> setting : config.entrySet()) {
            if (!CONFIG_KEY.matcher(setting.getKey()).matches()) {
                return new Refusal(
                        ErrorCode.INVALID_CONFIG,
                        "setting: '" + setting.getKey() + "' (expected: 1 to 64 characters of [a-z0-9_.])");
            }
            if (setting.getValue().length() > CONFIG_VALUE_LENGTH_MAX) {
                return new Refusal(
                        ErrorCode.INVALID_CONFIG,
                        setting.getKey() + ": " + setting.getValue().length() + " characters (expected: <= "
                                + CONFIG_VALUE_LENGTH_MAX + ")");
            }
        }
        return null;
    }

    /** Groups must be new, and every replica must be a registered broker on the storage it has now. */
    private static @Nullable Refusal checkPartitions(ClusterImage image, List<PartitionImage> partitions) {
        if (partitions.isEmpty()) {
            return new Refusal(ErrorCode.INVALID_PARTITIONS, "partitions: 0 (expected: >= 1)");
        }
        Set<GroupId> groups = new HashSet<>();
        for (PartitionImage partition : partitions) {
            if (image.knowsGroup(partition.group()) || !groups.add(partition.group())) {
                return new Refusal(
                        ErrorCode.INVALID_REQUEST, "group id: " + partition.group() + " (expected: one never used)");
            }
            for (PeerId founder : partition.founders()) {
                Optional<BrokerImage> broker = image.broker(founder.node());
                if (broker.isEmpty()) {
                    return new Refusal(
                            ErrorCode.INVALID_REPLICAS,
                            "replica: node " + founder.node() + " (expected: a registered broker)");
                }
                if (!broker.get().peer().equals(founder)) {
                    return new Refusal(
                            ErrorCode.NOT_READY,
                            "replica: " + founder + " (expected: "
                                    + broker.get().peer() + ", which has registered since)");
                }
            }
        }
        return null;
    }

    private record Refusal(ErrorCode error, String message) {
        Decision decision(ClusterImage image) {
            return Decision.refused(image, error, message);
        }
    }

    /** A topic, or why there is none. */
    private record Found(
            @Nullable TopicImage found, @Nullable Refusal refusal) {
        static Found not(ErrorCode error, String message) {
            return new Found(null, new Refusal(error, message));
        }

        TopicImage topic() {
            if (found == null) {
                throw new IllegalStateException("refused");
            }
            return found;
        }
    }
}
