package io.gq.raft;

import io.gq.core.replication.LogPosition;

/**
 * What a distrusted replica holds whole.
 *
 * @param last its last entry, or its checkpoint where the log goes no further; before it nothing is missing
 * @param startOffset of the first record
 * @param endOffset the offset after the last record
 */
public record DistrustedHolding(LogPosition last, long startOffset, long endOffset) {}
