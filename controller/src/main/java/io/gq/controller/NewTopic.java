package io.gq.controller;

import java.util.Map;

/**
 * A topic somebody asks for.
 *
 * @param partitions 0: the default
 * @param replicas 0: the default
 * @param config settings that differ from the defaults
 */
public record NewTopic(String name, int partitions, int replicas, Map<String, String> config) {
    public NewTopic {
        config = Map.copyOf(config);
    }
}
