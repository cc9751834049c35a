package io.gq.client.producer;

import io.gq.core.record.Compression;
import java.time.Duration;
import java.util.Optional;

/**
 * How a producer behaves.
 *
 * @param linger how long a batch that has room waits for more records
 * @param batchBytes a batch is closed before it grows beyond this, before compression; one larger record makes a batch of its own
 * @param inFlightMax batches of one partition sent and not answered; at most 16, which is what a partition remembers
 * @param bufferBytes records not yet acknowledged, over all partitions
 * @param blockMax how long {@link Producer#send} waits for room in the buffer and for metadata
 * @param deliveryTimeout from handing a record over to its acknowledgement
 * @param compression how batches are packed; empty: as each topic asks in compression_type, and not at all where it does not
 * @param idempotent a repeated send appends nothing twice and keeps the order
 */
public record ProducerConfig(
        Duration linger,
        int batchBytes,
        int inFlightMax,
        long bufferBytes,
        Duration blockMax,
        Duration deliveryTimeout,
        Optional<Compression> compression,
        boolean idempotent) {

    public static final ProducerConfig DEFAULT = new ProducerConfig(
            Duration.ofMillis(1),
            64 << 10,
            16,
            32L << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Optional.empty(),
            true);

    public ProducerConfig {
        if (linger.isNegative()) {
            throw new IllegalArgumentException("linger: " + linger + " (expected: >= 0)");
        }
        atLeast("batchBytes", batchBytes, 128);
        atLeast("bufferBytes", bufferBytes, batchBytes);
        if (inFlightMax < 1 || inFlightMax > 16) {
            throw new IllegalArgumentException("inFlightMax: " + inFlightMax + " (expected: 1 to 16)");
        }
        if (blockMax.isNegative()) {
            throw new IllegalArgumentException("blockMax: " + blockMax + " (expected: >= 0)");
        }
        if (deliveryTimeout.isNegative() || deliveryTimeout.isZero()) {
            throw new IllegalArgumentException("deliveryTimeout: " + deliveryTimeout + " (expected: > 0)");
        }
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
