package io.gq.broker.config;

import java.time.Duration;

/**
 * A graceful stop.
 *
 * @param timeout for all of it; what is still running then is cut off
 * @param transferTimeout of it, for handing led groups to other brokers
 */
public record ShutdownConfig(Duration timeout, Duration transferTimeout) {

    public ShutdownConfig {
        new Checks("shutdown.")
                .range("timeout", timeout, "1s", "1h")
                .range("transfer_timeout", transferTimeout, "0s", "1h")
                .that(
                        transferTimeout.compareTo(timeout) <= 0,
                        "transfer_timeout",
                        Durations.format(transferTimeout),
                        "at most shutdown.timeout: " + Durations.format(timeout))
                .done();
    }
}
