package io.gq.client.consumer;

/**
 * An offset that was looked up.
 *
 * @param timestampMs of the record found by time; -1 where none was, and the offset is the end
 */
public record FoundOffset(long offset, long timestampMs) {}
