package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * How stored records are read again in the background, to find rot before a reader or another replica's loss does.
 *
 * @param bytesPerSecond read from this node's disk, over all partitions; 0: off
 * @param interval from the begin of a round through all partitions to the begin of the next; a longer round is followed at once
 */
public record ScrubConfig(ByteSize bytesPerSecond, Duration interval) {

    public ScrubConfig {
        new Checks("scrub.")
                .range("bytes_per_second", bytesPerSecond, "0", "16GB")
                .that(
                        bytesPerSecond.bytes() == 0 || bytesPerSecond.bytes() >= 4096,
                        "bytes_per_second",
                        bytesPerSecond,
                        "0 for none, or at least 4KB")
                .range("interval", interval, "100ms", "365d")
                .done();
    }

    public boolean enabled() {
        return bytesPerSecond.bytes() > 0;
    }
}
