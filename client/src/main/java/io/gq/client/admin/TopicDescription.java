package io.gq.client.admin;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One topic as the cluster sees it.
 *
 * @param config values in force
 */
public record TopicDescription(
        String name, UUID id, List<PartitionDescription> partitions, Map<String, String> config) {

    public TopicDescription {
        partitions = List.copyOf(partitions);
        config = Map.copyOf(config);
    }
}
