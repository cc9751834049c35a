package io.gq.controller.image;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.TopicId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's metadata at one version: immutable, safe for use by many threads. Changed copies are made by
 * {@link #change(long)} and share with this image everything that did not change.
 */
public final class ClusterImage {

    /** What every controller starts from. */
    public static final ClusterImage EMPTY = new ClusterImage(new Parts());

    /** The newest feature level this version understands, and the one a new cluster starts with. */
    public static final int FEATURE_LEVEL = 1;

    private final Parts parts;

    ClusterImage(Parts parts) {
        this.parts = parts;
    }

    /** Grows by one with each change; 0 before the first. */
    public long version() {
        return parts.version;
    }

    /** A UUID as text; empty before the cluster was founded. */
    public String clusterId() {
        return parts.clusterId;
    }

    public int featureLevel() {
        return parts.featureLevel;
    }

    /** Every producer id below it has been handed out. */
    public long nextProducerId() {
        return parts.nextProducerId;
    }

    /** Time of the newest change, milliseconds since 1970; never goes back. */
    public long lastTimestampMs() {
        return parts.lastTimestampMs;
    }

    /** Every broker that ever registered, by node id. */
    public List<BrokerImage> brokers() {
        return parts.brokers.values();
    }

    public Optional<BrokerImage> broker(NodeId node) {
        return Optional.ofNullable(parts.brokers.get(node));
    }

    /** All topics, by name. */
    public List<TopicImage> topics() {
        return parts.topics.values();
    }

    public int topicCount() {
        return parts.topics.size();
    }

    public Optional<TopicImage> topic(String name) {
        return Optional.ofNullable(parts.topics.get(name));
    }

    public Optional<TopicImage> topic(TopicId id) {
        String name = parts.names.get(id);
        return name == null ? Optional.empty() : topic(name);
    }

    /** The partition a group serves; empty for a group of a deleted topic and for one never assigned. */
    public Optional<GroupImage> group(GroupId group) {
        GroupPlace place = parts.groups.get(group);
        return place == null
                ? Optional.empty()
                : topic(place.topic())
                        .map(topic -> new GroupImage(topic, topic.partitions().get(place.partition())));
    }

    /** Deleted topics whose files are not yet gone everywhere, by id. */
    public List<DeletedTopicImage> deletedTopics() {
        return parts.deleted.values();
    }

    public Optional<DeletedTopicImage> deletedTopic(TopicId id) {
        return Optional.ofNullable(parts.deleted.get(id));
    }

    /** The tombstone that names a group: only on its word may the group's files be deleted. */
    public Optional<DeletedTopicImage> deletedTopicOf(GroupId group) {
        GroupPlace place = parts.groups.get(group);
        return place == null ? Optional.empty() : deletedTopic(place.topic());
    }

    /** Whether the group belongs to a topic or to a tombstone. */
    public boolean knowsGroup(GroupId group) {
        return parts.groups.contains(group);
    }

    /** True where both images hold the very same topics and tombstones, so that nobody need compare them. Costs nothing. */
    public boolean sharesTopics(ClusterImage other) {
        return parts.topics == other.parts.topics && parts.deleted == other.parts.deleted;
    }

    /** True where both images hold the very same brokers. Costs nothing. */
    public boolean sharesBrokers(ClusterImage other) {
        return parts.brokers == other.parts.brokers;
    }

    /**
     * Begins a changed copy, one version on.
     *
     * @param timestampMs of the change; an earlier one than {@link #lastTimestampMs} counts as that
     */
    public ClusterImageDelta change(long timestampMs) {
        Parts next = parts.copy();
        next.version = parts.version + 1;
        next.lastTimestampMs = Math.max(parts.lastTimestampMs, timestampMs);
        return new ClusterImageDelta(next);
    }

    @Override
    public String toString() {
        return "ClusterImage[version=" + parts.version + ", brokers=" + parts.brokers.size() + ", topics="
                + parts.topics.size() + ", deleted=" + parts.deleted.size() + "]";
    }

    /** A partition together with its topic. */
    public record GroupImage(TopicImage topic, PartitionImage partition) {}

    /** Where a group belongs. */
    record GroupPlace(TopicId topic, int partition) {}

    /** The fields of an image; frozen once an image was made of them. */
    static final class Parts {
        long version;
        String clusterId = "";
        int featureLevel = FEATURE_LEVEL;
        long nextProducerId;
        long lastTimestampMs;
        PersistentMap<NodeId, BrokerImage> brokers = PersistentMap.empty(Comparator.naturalOrder());
        PersistentMap<String, TopicImage> topics = PersistentMap.empty(Comparator.naturalOrder());
        PersistentMap<TopicId, String> names = PersistentMap.empty(Comparator.comparing(TopicId::value));
        PersistentMap<TopicId, DeletedTopicImage> deleted = PersistentMap.empty(Comparator.comparing(TopicId::value));
        /** Groups of topics and of tombstones. */
        PersistentMap<GroupId, GroupPlace> groups = PersistentMap.empty(Comparator.comparing(GroupId::value));

        Parts copy() {
            Parts copy = new Parts();
            copy.version = version;
            copy.clusterId = clusterId;
            copy.featureLevel = featureLevel;
            copy.nextProducerId = nextProducerId;
            copy.lastTimestampMs = lastTimestampMs;
            copy.brokers = brokers;
            copy.topics = topics;
            copy.names = names;
            copy.deleted = deleted;
            copy.groups = groups;
            return copy;
        }

        @Nullable
        TopicImage topic(TopicId id) {
            String name = names.get(id);
            return name == null ? null : topics.get(name);
        }
    }
}
