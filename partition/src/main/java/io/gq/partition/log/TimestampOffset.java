package io.gq.partition.log;

/** A record found by its timestamp. */
public record TimestampOffset(long offset, long timestampMs) {}
