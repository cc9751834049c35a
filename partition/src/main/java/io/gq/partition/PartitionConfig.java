package io.gq.partition;

import io.gq.partition.log.LogConfig;
import io.gq.partition.log.RetentionPolicy;

/**
 * Settings of one partition; all may be changed while it runs ({@link PartitionStateMachine#reconfigure}).
 *
 * @param log how segments lie on this node's disk
 * @param retention what the leader proposes to trim
 * @param batchBytesMax largest record batch a producer may send
 * @param producerExpiryMs a producer that appended nothing for so long is forgotten at the next trim
 * @param producersMax producers remembered; the one longest silent goes first
 * @param timestampType whose clock labels the records
 */
public record PartitionConfig(
        LogConfig log,
        RetentionPolicy retention,
        int batchBytesMax,
        long producerExpiryMs,
        int producersMax,
        TimestampType timestampType) {

    /** The defaults of every setting. */
    public static final PartitionConfig DEFAULT = new PartitionConfig(
            new LogConfig(256L << 20, 7L * 24 * 3600 * 1000, 4 << 20, 8L << 20, true),
            new RetentionPolicy(7L * 24 * 3600 * 1000, RetentionPolicy.UNLIMITED),
            1 << 20,
            24L * 3600 * 1000,
            10_000,
            TimestampType.CREATE);

    public PartitionConfig {
        atLeastOne("batchBytesMax", batchBytesMax);
        atLeastOne("producerExpiryMs", producerExpiryMs);
        atLeastOne("producersMax", producersMax);
    }

    public PartitionConfig withLog(LogConfig newLog) {
        return new PartitionConfig(newLog, retention, batchBytesMax, producerExpiryMs, producersMax, timestampType);
    }

    public PartitionConfig withRetention(RetentionPolicy newRetention) {
        return new PartitionConfig(log, newRetention, batchBytesMax, producerExpiryMs, producersMax, timestampType);
    }

    public PartitionConfig withBatchBytesMax(int newBatchBytesMax) {
        return new PartitionConfig(log, retention, newBatchBytesMax, producerExpiryMs, producersMax, timestampType);
    }

    public PartitionConfig withProducers(long newExpiryMs, int newProducersMax) {
        return new PartitionConfig(log, retention, batchBytesMax, newExpiryMs, newProducersMax, timestampType);
    }

    public PartitionConfig withTimestampType(TimestampType newTimestampType) {
        return new PartitionConfig(log, retention, batchBytesMax, producerExpiryMs, producersMax, newTimestampType);
    }

    private static void atLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
