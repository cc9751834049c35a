package io.gq.bench.load;

import io.gq.bench.load.Driver.SenderOptions;
import java.time.Duration;

/**
 * A workload.
 *
 * @param topic written or read; there already
 * @param producers each with connections of its own, and a thread that hands records over
 * @param inFlightMax records of one producer handed over and not answered; 0: as many as its buffer holds
 * @param perSecond records a second of all producers together, whatever the answers do; 0: as fast as they are taken
 * @param warmUp runs first and counts for nothing
 * @param time what is measured
 */
public record LoadSpec(
        String topic,
        Payloads payloads,
        int producers,
        int inFlightMax,
        double perSecond,
        SenderOptions options,
        Duration warmUp,
        Duration time) {

    public LoadSpec {
        atLeast("producers", producers, 1);
        atLeast("inFlightMax", inFlightMax, 0);
        atLeast("perSecond", perSecond, 0);
        if (time.isNegative() || time.isZero() || warmUp.isNegative()) {
            throw new IllegalArgumentException("time: " + time + ", warmUp: " + warmUp + " (expected: > 0, >= 0)");
        }
    }

    private static void atLeast(String name, double value, double least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
