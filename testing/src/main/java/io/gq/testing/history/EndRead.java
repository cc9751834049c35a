package io.gq.testing.history;

import io.gq.core.TopicPartition;

/**
 * A linearizable question for the end of a partition.
 *
 * @param endOffset the answer: one past the last committed record
 */
public record EndRead(String reader, TopicPartition partition, long invokeNs, long completeNs, long endOffset) {
    @Override
    public String toString() {
        return "end reader=" + reader + " partition=" + partition + " endOffset=" + endOffset + " invokeNs=" + invokeNs
                + " completeNs=" + completeNs;
    }
}
