package io.gq.broker.config;

import io.gq.controller.topic.TopicConfig;
import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * What a topic gets that does not say otherwise.
 *
 * @param partitionsMax of one topic
 * @param retention records older than this are deleted, a segment at a time; 0: kept for ever
 * @param retentionBytes a partition larger than this loses its oldest segments; 0: no limit
 * @param segmentBytes a segment is sealed at this size
 * @param segmentAge a segment is sealed when its first record is older than this
 * @param timestampType whether records carry their producer's time or that of the append
 * @param compressionType the compression producers are asked to use
 */
public record TopicDefaults(
        int partitions,
        int replicas,
        int partitionsMax,
        Duration retention,
        ByteSize retentionBytes,
        ByteSize segmentBytes,
        Duration segmentAge,
        TopicConfig.TimestampType timestampType,
        CompressionType compressionType) {

    /** What a topic may ask of producers. */
    public enum CompressionType {
        /** Their own choice. */
        PRODUCER,
        NONE,
        GZIP,
        SNAPPY,
        LZ4,
        ZSTD
    }

    public TopicDefaults {
        new Checks("topics.")
                .range("partitions", partitions, 1, partitionsMax)
                .range("replicas", replicas, 1, 9)
                .range("partitions_max", partitionsMax, 1, 100_000)
                .range("retention", retention, "0s", "36500d")
                .range("retention_bytes", retentionBytes, "0", "1024TB")
                .range(
                        "segment_bytes",
                        segmentBytes,
                        new ByteSize(TopicConfig.SEGMENT_BYTES_MIN),
                        new ByteSize(TopicConfig.SEGMENT_BYTES_MAX))
                .range("segment_age", segmentAge, "1ms", "36500d")
                .done();
    }
}
