package io.gq.controller;

import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.core.NodeId;
import java.util.HashMap;
import java.util.Map;

/** How many replicas and preferred leaders each broker has by the assignment. Counted anew from an image; O(partitions). */
public final class PlacementCounts {

    private final Map<NodeId, Integer> replicas = new HashMap<>();
    private final Map<NodeId, Integer> preferredLeaders = new HashMap<>();

    private PlacementCounts() {}

    public static PlacementCounts of(ClusterImage image) {
        PlacementCounts counts = new PlacementCounts();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                partition.replicas().forEach(node -> counts.replicas.merge(node, 1, Integer::sum));
                counts.preferredLeaders.merge(partition.preferredLeader(), 1, Integer::sum);
            }
        }
        return counts;
    }

    public int replicas(NodeId node) {
        return replicas.getOrDefault(node, 0);
    }

    public int preferredLeaders(NodeId node) {
        return preferredLeaders.getOrDefault(node, 0);
    }
}
