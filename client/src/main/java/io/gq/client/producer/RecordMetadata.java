package io.gq.client.producer;

import io.gq.core.TopicPartition;

/**
 * Where an acknowledged record stands.
 *
 * @param timestampMs the record's own, or the broker's where the topic keeps the time of the append
 */
public record RecordMetadata(TopicPartition topicPartition, long offset, long timestampMs) {}
