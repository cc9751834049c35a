package io.gq.broker.config;

/**
 * One thing wrong with the configuration.
 *
 * @param origin where the value was given: a file and line, an environment variable, a flag, or "default"
 */
public record Problem(String key, String value, String expected, String origin) {

    @Override
    public String toString() {
        return key + ": " + (value.isEmpty() ? "''" : value) + " (expected: " + expected + ")"
                + (origin.isEmpty() ? "" : " [" + origin + "]");
    }
}
