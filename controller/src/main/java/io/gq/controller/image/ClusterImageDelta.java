package io.gq.controller.image;

import io.gq.core.Invariant;
import io.gq.core.NodeId;
import io.gq.core.TopicId;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Changes on their way to the next {@link ClusterImage}. Whoever makes a change has decided before that it is allowed; what is
 * checked here only a defect can break. Used once, by one thread.
 */
public final class ClusterImageDelta {

    private final ClusterImage.Parts parts;

    ClusterImageDelta(ClusterImage.Parts parts) {
        this.parts = parts;
    }

    public ClusterImageDelta clusterId(String clusterId) {
        parts.clusterId = clusterId;
        return this;
    }

    public ClusterImageDelta nextProducerId(long next) {
        Invariant.check(next >= parts.nextProducerId, "producer id %d after %d", next, parts.nextProducerId);
        parts.nextProducerId = next;
        return this;
    }

    /** Adds the broker or replaces what is known of its node. */
    public ClusterImageDelta broker(BrokerImage broker) {
        parts.brokers = parts.brokers.with(broker.node(), broker);
        return this;
    }

    /** Adds the topic or replaces the one with its id. Groups are never taken from a topic. */
    public ClusterImageDelta topic(TopicImage topic) {
        TopicImage sameName = parts.topics.get(topic.name());
        Invariant.check(sameName == null || sameName.id().equals(topic.id()), "topic %s replaced", topic.name());
        parts.topics = parts.topics.with(topic.name(), topic);
        parts.names = parts.names.with(topic.id(), topic.name());
        int known = sameName == null ? 0 : sameName.partitions().size();
        for (PartitionImage partition :
                topic.partitions().subList(known, topic.partitions().size())) {
            Invariant.check(!parts.groups.contains(partition.group()), "group %s used again", partition.group());
            parts.groups = parts.groups.with(
                    partition.group(), new ClusterImage.GroupPlace(topic.id(), partition.partition()));
        }
        return this;
    }

    /** Turns the topic into a tombstone that waits for every node with a replica. */
    public ClusterImageDelta deleteTopic(TopicId id) {
        TopicImage topic = parts.topic(id);
        Invariant.check(topic != null, "topic %s not there", id);
        if (topic != null) {
            SortedSet<NodeId> pending = new TreeSet<>();
            topic.partitions().forEach(partition -> pending.addAll(partition.replicas()));
            parts.topics = parts.topics.without(topic.name());
            parts.names = parts.names.without(id);
            parts.deleted =
                    parts.deleted.with(id, new DeletedTopicImage(id, topic.name(), topic.partitions(), pending));
        }
        return this;
    }

    /** The node's files of a deleted topic are gone; the tombstone goes with the last confirmation. */
    public ClusterImageDelta confirmDeletion(TopicId id, NodeId node) {
        DeletedTopicImage tombstone = parts.deleted.get(id);
        if (tombstone == null) {
            return this;
        }
        SortedSet<NodeId> pending = new TreeSet<>(tombstone.pending());
        pending.remove(node);
        return tombstone(new DeletedTopicImage(id, tombstone.name(), tombstone.partitions(), pending));
    }

    public ClusterImage build() {
        return new ClusterImage(parts.copy());
    }

    ClusterImageDelta tombstone(DeletedTopicImage tombstone) {
        boolean last = tombstone.pending().isEmpty();
        parts.deleted = last ? parts.deleted.without(tombstone.id()) : parts.deleted.with(tombstone.id(), tombstone);
        for (PartitionImage partition : tombstone.partitions()) {
            parts.groups = last
                    ? parts.groups.without(partition.group())
                    : parts.groups.with(
                            partition.group(), new ClusterImage.GroupPlace(tombstone.id(), partition.partition()));
        }
        return this;
    }
}
