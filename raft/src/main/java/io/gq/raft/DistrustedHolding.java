package io.gq.raft;

import io.gq.core.PeerId;
import io.gq.core.replication.LogPosition;
import java.util.List;

/**
 * What a distrusted replica holds whole.
 *
 * @param last its last entry, or its checkpoint where the log goes no further; before it nothing is missing
 * @param startOffset of the first record
 * @param endOffset the offset after the last record
 * @param voters in the configuration that would be in force here
 */
public record DistrustedHolding(LogPosition last, long startOffset, long endOffset, List<PeerId> voters) {

    public DistrustedHolding {
        voters = List.copyOf(voters);
    }
}
