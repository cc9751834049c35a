package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * Limits of the gRPC servers.
 *
 * @param connectionsMax of one gRPC listener; a further one is closed at once
 * @param callsPerConnectionMax concurrent calls (HTTP/2 streams) of one connection
 * @param headerBytesMax of the headers of one call
 * @param connectionIdleTimeout a connection without a call is closed after it
 * @param keepaliveInterval after this long without a byte the broker asks whether the peer is there
 * @param keepaliveTimeout how long it waits for the answer
 * @param keepaliveMin a client that pings more often is disconnected
 * @param handshakeTimeout for TLS and HTTP/2 together
 * @param executorThreads that run calls
 */
public record ServerConfig(
        int connectionsMax,
        int callsPerConnectionMax,
        ByteSize headerBytesMax,
        Duration connectionIdleTimeout,
        Duration keepaliveInterval,
        Duration keepaliveTimeout,
        Duration keepaliveMin,
        Duration handshakeTimeout,
        int executorThreads) {

    public ServerConfig {
        new Checks("server.")
                .range("connections_max", connectionsMax, 1, 1_000_000)
                .range("calls_per_connection_max", callsPerConnectionMax, 1, 100_000)
                .range("header_bytes_max", headerBytesMax, "1KB", "1MB")
                .range("connection_idle_timeout", connectionIdleTimeout, "1s", "30d")
                .range("keepalive_interval", keepaliveInterval, "1s", "1d")
                .range("keepalive_timeout", keepaliveTimeout, "100ms", "1h")
                .range("keepalive_min", keepaliveMin, "0s", "1d")
                .range("handshake_timeout", handshakeTimeout, "100ms", "5m")
                .range("executor_threads", executorThreads, 1, 1024)
                .done();
    }
}
