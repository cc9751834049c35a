package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * Limits on appends that were taken from the network and are not answered yet.
 *
 * @param timeout of a request that names none
 * @param timeoutMax a request that asks for more gets this
 * @param connectionBytesMax of one connection; reading from it pauses above this
 * @param partitionBytesMax of one partition; the streams that feed it pause above this
 * @param processBytesMax of the whole broker
 */
public record ProduceConfig(
        Duration timeout,
        Duration timeoutMax,
        ByteSize connectionBytesMax,
        ByteSize partitionBytesMax,
        ByteSize processBytesMax) {

    public ProduceConfig {
        new Checks("produce.")
                .range("timeout", timeout, "1ms", "1h")
                .range("timeout_max", timeoutMax, "1ms", "1d")
                .that(
                        timeout.compareTo(timeoutMax) <= 0,
                        "timeout",
                        Durations.format(timeout),
                        "at most produce.timeout_max: " + Durations.format(timeoutMax))
                .range("connection_bytes_max", connectionBytesMax, "64KB", "1TB")
                .range("partition_bytes_max", partitionBytesMax, "64KB", "1TB")
                .range("process_bytes_max", processBytesMax, "64KB", "1TB")
                .done();
    }
}
