package io.gq.bench.compare;

import io.gq.bench.load.LoadResult;
import io.gq.bench.load.Percentiles;
import java.util.Optional;

/**
 * What one run of a trial gave.
 *
 * @param brokerCpuSeconds of all brokers together, in the time that was measured
 */
record Measured(LoadResult load, double brokerCpuSeconds) {

    double megabytesPerSecond() {
        return load.megabytesPerSecond();
    }

    double recordsPerSecond() {
        return load.recordsPerSecond();
    }

    double megabytesPerBrokerCpuSecond() {
        return load.bytes() / 1e6 / brokerCpuSeconds;
    }

    Percentiles publish() {
        return of(load.publish());
    }

    Percentiles endToEnd() {
        return of(load.endToEnd());
    }

    private static Percentiles of(Optional<Percentiles> latency) {
        return latency.orElseThrow(() -> new IllegalStateException("a load without this latency"));
    }
}
