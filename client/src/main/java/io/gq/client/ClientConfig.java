package io.gq.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What producers, consumers and admins of one {@link GqClient} share.
 *
 * @param bootstrap brokers to ask first; the others are learned from them
 * @param clientName how the client names itself to brokers
 * @param clusterId the only cluster to talk to; empty: the first one that answers
 * @param connectTimeout from the start of a connection to its answered greeting
 * @param requestTimeout a broker that did not answer for so long is given up and the request sent again, where that is harmless
 * @param metadataMaxAge cluster metadata in use is asked for again after it, without any error
 * @param keepAlive an open call on a connection silent for so long is probed
 * @param retryBackoff first wait between two tries of the same thing
 * @param retryBackoffMax longest wait between two tries of the same thing
 * @param tls empty: plaintext
 */
public record ClientConfig(
        List<BrokerAddress> bootstrap,
        String clientName,
        Optional<String> clusterId,
        Duration connectTimeout,
        Duration requestTimeout,
        Duration metadataMaxAge,
        Duration keepAlive,
        Duration retryBackoff,
        Duration retryBackoffMax,
        Optional<ClientTls> tls) {

    public ClientConfig {
        bootstrap = List.copyOf(bootstrap);
        if (bootstrap.isEmpty()) {
            throw new IllegalArgumentException("bootstrap: [] (expected: at least one broker address)");
        }
        positive("connectTimeout", connectTimeout);
        positive("requestTimeout", requestTimeout);
        positive("metadataMaxAge", metadataMaxAge);
        positive("keepAlive", keepAlive);
        positive("retryBackoff", retryBackoff);
        positive("retryBackoffMax", retryBackoffMax);
        if (retryBackoffMax.compareTo(retryBackoff) < 0) {
            throw new IllegalArgumentException(
                    "retryBackoffMax: " + retryBackoffMax + " (expected: >= retryBackoff, " + retryBackoff + ")");
        }
    }

    /** The defaults, for a list of brokers. */
    public static ClientConfig of(List<BrokerAddress> bootstrap) {
        return new ClientConfig(
                bootstrap,
                "gq-java",
                Optional.empty(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Optional.empty());
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }
}
