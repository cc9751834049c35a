package io.gq.controller.image;

import io.gq.core.TopicId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A topic.
 *
 * @param createdMs wall time of its creation, milliseconds since 1970
 * @param config only what differs from the defaults, as text; see {@link io.gq.controller.topic.TopicConfig}
 * @param partitions numbered from 0 without gaps
 */
public record TopicImage(
        TopicId id, String name, long createdMs, SortedMap<String, String> config, List<PartitionImage> partitions) {

    public TopicImage {
        config = Collections.unmodifiableSortedMap(new TreeMap<>(config));
        partitions = List.copyOf(partitions);
        for (int i = 0; i < partitions.size(); i++) {
            if (partitions.get(i).partition() != i) {
                throw new IllegalArgumentException("partition: "
                        + partitions.get(i).partition() + " (expected: " + i + ", in order without gaps)");
            }
        }
    }

    public TopicImage(
            TopicId id, String name, long createdMs, Map<String, String> config, List<PartitionImage> partitions) {
        this(id, name, createdMs, new TreeMap<>(config), partitions);
    }

    public Optional<PartitionImage> partition(int partition) {
        return partition < 0 || partition >= partitions.size()
                ? Optional.empty()
                : Optional.of(partitions.get(partition));
    }

    /** The number of replicas of each partition, as the topic was made. */
    public int replicationFactor() {
        return partitions.get(0).founders().size();
    }
}
