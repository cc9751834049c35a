package io.gq.client.admin;

import java.util.Map;

/**
 * A topic to be made.
 *
 * @param partitions 0: the cluster's default
 * @param replicas of each partition; 0: the cluster's default
 * @param config settings that differ from the defaults
 */
public record NewTopic(String name, int partitions, int replicas, Map<String, String> config) {

    public NewTopic {
        config = Map.copyOf(config);
    }

    public static NewTopic of(String name, int partitions, int replicas) {
        return new NewTopic(name, partitions, replicas, Map.of());
    }
}
