package io.gq.partition.log;

/**
 * A segment as retention sees it.
 *
 * @param bytes of record batches
 * @param maxTimestampMs the largest timestamp among its records
 * @param active entries may still be added
 */
public record SegmentInfo(long baseOffset, long endOffset, long bytes, long maxTimestampMs, boolean active) {}
