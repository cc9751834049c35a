package io.gq.broker.config;

/**
 * A value as it was written.
 *
 * @param text list items are joined by commas
 * @param origin where it was written, for people
 */
record RawValue(String text, String origin) {}
