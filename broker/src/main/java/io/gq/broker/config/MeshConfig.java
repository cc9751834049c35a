package io.gq.broker.config;

import java.time.Duration;

/**
 * The liveness mesh and the elections it starts.
 *
 * @param beaconInterval each broker to each other one
 * @param silence after which a broker is held for dead
 * @param silenceMax how far the limit rises where beacons come unevenly
 * @param diskStall after which a disk that writes nothing of what waits makes this broker ask to be held for dead
 * @param electionStagger between the most up-to-date replica's election and the next one's
 * @param electionsMax under way at a time
 */
public record MeshConfig(
        Duration beaconInterval,
        Duration silence,
        Duration silenceMax,
        Duration diskStall,
        Duration electionStagger,
        int electionsMax) {

    public MeshConfig {
        new Checks("mesh.")
                .range("beacon_interval", beaconInterval, "5ms", "10s")
                .that(
                        silence.compareTo(beaconInterval.multipliedBy(3)) >= 0,
                        "silence",
                        Durations.format(silence),
                        "at least three times mesh.beacon_interval: " + Durations.format(beaconInterval))
                .range("silence", silence, "15ms", "1m")
                .that(
                        silenceMax.compareTo(silence) >= 0,
                        "silence_max",
                        Durations.format(silenceMax),
                        "at least mesh.silence: " + Durations.format(silence))
                .range("silence_max", silenceMax, "15ms", "5m")
                .range("disk_stall", diskStall, "500ms", "1d")
                .range("election_stagger", electionStagger, "10ms", "10s")
                .range("elections_max", electionsMax, 1, 10_000)
                .done();
    }
}
