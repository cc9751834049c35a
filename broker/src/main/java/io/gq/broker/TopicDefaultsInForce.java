package io.gq.broker;

import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.TopicDefaults;
import io.gq.controller.ControllerConfig;
import io.gq.controller.topic.TopicConfig;
import java.util.Locale;
import java.util.Map;

/** The node's settings for new topics, in the controller's words. */
final class TopicDefaultsInForce {

    private TopicDefaultsInForce() {}

    static ControllerConfig of(BrokerConfig config) {
        TopicDefaults topics = config.topics();
        TopicConfig defaults = TopicConfig.of(Map.of(
                "segment_ms", Long.toString(topics.segmentAge().toMillis()),
                "timestamp_type", lower(topics.timestampType()),
                "compression_type", lower(topics.compressionType()),
                "retention_ms", unlimitedIfZero(topics.retention().toMillis()),
                "retention_bytes", unlimitedIfZero(topics.retentionBytes().bytes()),
                "segment_bytes", Long.toString(topics.segmentBytes().bytes()),
                "max_message_size", Long.toString(config.maxMessageSize().bytes())));
        return new ControllerConfig(
                topics.partitions(),
                topics.replicas(),
                topics.partitionsMax(),
                config.maxMessageSize().toIntExact(),
                defaults);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String unlimitedIfZero(long value) {
        return Long.toString(value == 0 ? TopicConfig.UNLIMITED : value);
    }
}
