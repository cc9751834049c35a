package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * What a topic gets that does not say otherwise.
 *
 * @param partitionsMax of one topic
 * @param retention records older than this are deleted, a segment at a time; 0: kept for ever
 * @param retentionBytes a partition larger than this loses its oldest segments; 0: no limit
 * @param segmentBytes a segment is sealed at this size
 */
public record TopicDefaults(
        int partitions,
        int replicas,
        int partitionsMax,
        Duration retention,
        ByteSize retentionBytes,
        ByteSize segmentBytes) {

    public TopicDefaults {
        new Checks("topics.")
                .range("partitions", partitions, 1, partitionsMax)
                .range("replicas", replicas, 1, 9)
                .range("partitions_max", partitionsMax, 1, 100_000)
                .range("retention", retention, "0s", "36500d")
                .range("retention_bytes", retentionBytes, "0", "1024TB")
                .range("segment_bytes", segmentBytes, "64KB", "2047MB")
                .done();
    }
}
