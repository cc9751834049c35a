package io.gq.broker.config;

/**
 * The HTTP listener.
 *
 * @param metricsEnabled whether metrics are counted and served
 * @param metricsPath where they are served
 */
public record HttpConfig(boolean enabled, boolean metricsEnabled, String metricsPath) {

    public HttpConfig {
        new Checks("http.")
                .that(
                        metricsPath.matches("/[A-Za-z0-9._/-]+") && !metricsPath.startsWith("/health"),
                        "metrics_path",
                        metricsPath,
                        "a path such as /metrics, not below /health")
                .done();
    }
}
