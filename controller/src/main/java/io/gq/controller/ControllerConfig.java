package io.gq.controller;

import io.gq.controller.topic.TopicConfig;

/**
 * What the controller's leader goes by when it makes topics.
 *
 * @param partitionsDefault of a topic that asks for none
 * @param replicasDefault of a topic that asks for none; a smaller cluster uses all its brokers
 * @param partitionsPerTopicMax inclusive
 * @param messageBytesMax what the brokers take; no topic may promise more
 * @param topicDefaults settings of topics that do not set them
 */
public record ControllerConfig(
        int partitionsDefault,
        int replicasDefault,
        int partitionsPerTopicMax,
        int messageBytesMax,
        TopicConfig topicDefaults) {

    public ControllerConfig {
        if (partitionsPerTopicMax < 1) {
            throw new IllegalArgumentException("partitionsPerTopicMax: " + partitionsPerTopicMax + " (expected: >= 1)");
        }
        if (partitionsDefault < 1 || partitionsDefault > partitionsPerTopicMax) {
            throw new IllegalArgumentException(
                    "partitionsDefault: " + partitionsDefault + " (expected: 1 to " + partitionsPerTopicMax + ")");
        }
        if (replicasDefault < 1) {
            throw new IllegalArgumentException("replicasDefault: " + replicasDefault + " (expected: >= 1)");
        }
    }

    public static ControllerConfig defaults() {
        return new ControllerConfig(1, 3, 10_000, TopicConfig.MESSAGE_BYTES_MAX, TopicConfig.DEFAULTS);
    }
}
