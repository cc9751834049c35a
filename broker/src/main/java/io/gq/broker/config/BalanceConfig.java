package io.gq.broker.config;

import java.time.Duration;

/**
 * How leaders come back to the first replica of their partition.
 *
 * @param enabled whether they do so by themselves
 * @param delay how long the preferred leader has to be there and caught up before
 * @param interval between two looks of a broker at the partitions it leads
 * @param movesMax under way at a time, each broker
 */
public record BalanceConfig(boolean enabled, Duration delay, Duration interval, int movesMax) {

    public BalanceConfig {
        new Checks("balance.")
                .range("delay", delay, "0s", "1d")
                .range("interval", interval, "10ms", "1h")
                .range("moves_max", movesMax, 1, 1000)
                .done();
    }
}
