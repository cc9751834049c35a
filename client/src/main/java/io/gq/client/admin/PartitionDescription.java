package io.gq.client.admin;

import java.util.List;

/**
 * One partition as the cluster sees it.
 *
 * @param leader node id; 0: none known
 * @param replicas node ids, the preferred leader first
 */
public record PartitionDescription(int partition, int leader, long term, List<Integer> replicas, String groupId) {

    public PartitionDescription {
        replicas = List.copyOf(replicas);
    }
}
