package io.gq.broker.config;

import java.time.Duration;

/**
 * What a partition remembers of idempotent producers.
 *
 * @param countMax producers remembered by one partition; the one silent longest is forgotten first
 * @param expiry a producer silent for so long is forgotten
 * @param idBlock producer ids a broker takes from the controller at a time
 */
public record ProducersConfig(int countMax, Duration expiry, int idBlock) {

    public ProducersConfig {
        new Checks("producers.")
                .range("count_max", countMax, 1, 10_000_000)
                .range("expiry", expiry, "1s", "3650d")
                .range("id_block", idBlock, 1, 1_000_000)
                .done();
    }
}
