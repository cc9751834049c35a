package io.gq.core.replication;

/**
 * How far what a replica keeps beside its Raft log bears that log out.
 *
 * @param checkpoint up to it everything is durable
 * @param endIndex the index after the last entry that is borne out together with all entries before it; not beyond the log's end
 * @param startOffset of the first record held
 * @param endOffset the offset after the last record of these entries
 */
public record PayloadExtent(LogPosition checkpoint, long endIndex, long startOffset, long endOffset) {}
