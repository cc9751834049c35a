package io.gq.partition;

import java.util.List;

/**
 * What the files of a replica that is not open hold.
 *
 * @param startOffset of the first record
 * @param endOffset the offset after the last record that is whole together with all before it
 * @param bytes of payload read
 * @param damage what is wrong and where, one sentence each; empty where all is as it was written
 */
public record StoredPartition(long startOffset, long endOffset, long bytes, List<String> damage) {

    public StoredPartition {
        damage = List.copyOf(damage);
    }
}
