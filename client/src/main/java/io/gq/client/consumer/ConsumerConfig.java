package io.gq.client.consumer;

import io.gq.core.service.ReadLevel;
import java.time.Duration;

/**
 * How a consumer behaves.
 *
 * @param start where a partition newly assigned is read from: EARLIEST or LATEST
 * @param reset what to do with an offset that is out of range
 * @param level what a replica must know before it answers
 * @param followerReads read from followers rather than leaders, where the level allows
 * @param pollRecordsMax most records one poll returns
 * @param fetchBytes most bytes of one answer of a broker; a single larger batch comes all the same
 * @param partitionBytes most bytes of one partition in an answer; twice as much is kept ready
 * @param fetchBytesMin a broker waits until it has so much
 * @param fetchWait or for so long
 * @param blockMax how long a call that needs metadata, offsets or a position waits for them
 */
public record ConsumerConfig(
        OffsetReset start,
        OffsetReset reset,
        ReadLevel level,
        boolean followerReads,
        int pollRecordsMax,
        int fetchBytes,
        int partitionBytes,
        int fetchBytesMin,
        Duration fetchWait,
        Duration blockMax) {

    public static final ConsumerConfig DEFAULT = new ConsumerConfig(
            OffsetReset.EARLIEST,
            OffsetReset.EARLIEST,
            ReadLevel.COMMITTED,
            false,
            1000,
            8 << 20,
            1 << 20,
            1,
            Duration.ofMillis(500),
            Duration.ofSeconds(10));

    public ConsumerConfig {
        if (start == OffsetReset.FAIL) {
            throw new IllegalArgumentException("start: FAIL (expected: EARLIEST or LATEST)");
        }
        atLeastOne("pollRecordsMax", pollRecordsMax);
        atLeastOne("fetchBytes", fetchBytes);
        atLeastOne("partitionBytes", partitionBytes);
        atLeastOne("fetchBytesMin", fetchBytesMin);
        if (fetchWait.isNegative()) {
            throw new IllegalArgumentException("fetchWait: " + fetchWait + " (expected: >= 0)");
        }
        if (blockMax.isNegative() || blockMax.isZero()) {
            throw new IllegalArgumentException("blockMax: " + blockMax + " (expected: > 0)");
        }
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
