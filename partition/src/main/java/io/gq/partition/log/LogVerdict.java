package io.gq.partition.log;

import java.util.List;

/**
 * What a whole look at a log's committed entries came to.
 *
 * @param startOffset the first offset looked at
 * @param endOffset the offset after the last one looked at
 * @param bytes read
 * @param digest SHA-256, in hexadecimal, over the entries within the range that was asked for; equal on replicas that hold the same there
 * @param damage what is wrong and where; empty where the log is whole
 */
public record LogVerdict(long startOffset, long endOffset, long bytes, String digest, List<LogScrub.Damage> damage) {

    public LogVerdict {
        damage = List.copyOf(damage);
    }
}
