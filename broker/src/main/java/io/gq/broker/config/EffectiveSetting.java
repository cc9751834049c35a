package io.gq.broker.config;

/**
 * One option as the node runs with it.
 *
 * @param origin "default", a file and line, an environment variable or a flag
 */
public record EffectiveSetting(String key, String value, String origin) {}
