package io.gq.partition.log;

/**
 * How much of a segment a checkpoint covers: its first {@code rows} entries, {@code bytes} of record batches. Those are durable.
 *
 * @param endOffset the offset after the last record covered
 */
public record SegmentMark(SegmentName name, int rows, long bytes, long endOffset) {}
