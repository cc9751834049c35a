package io.gq.partition;

/**
 * A digest of what a partition holds, to compare replicas by: equal where and only where the same batches lie at the same offsets.
 *
 * @param startOffset log start
 * @param endOffset high watermark
 * @param batches how many begin within
 * @param sha256 over their bytes in order, in hexadecimal
 */
public record PartitionDigest(long startOffset, long endOffset, long batches, String sha256) {}
