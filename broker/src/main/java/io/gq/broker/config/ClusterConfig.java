package io.gq.broker.config;

import java.time.Duration;

/**
 * Brokers among each other.
 *
 * @param heartbeatInterval each broker to each other one
 * @param brokerSessionTimeout a broker silent for so long is marked as failed
 * @param requestTimeout of a call to another broker (metadata changes, forwarded admin calls)
 */
public record ClusterConfig(Duration heartbeatInterval, Duration brokerSessionTimeout, Duration requestTimeout) {

    public ClusterConfig {
        new Checks("cluster.")
                .range("heartbeat_interval", heartbeatInterval, "10ms", "1m")
                .range("broker_session_timeout", brokerSessionTimeout, "100ms", "1h")
                .that(
                        brokerSessionTimeout.compareTo(heartbeatInterval.multipliedBy(3)) >= 0,
                        "broker_session_timeout",
                        Durations.format(brokerSessionTimeout),
                        "at least three times cluster.heartbeat_interval: " + Durations.format(heartbeatInterval))
                .range("request_timeout", requestTimeout, "100ms", "10m")
                .done();
    }
}
