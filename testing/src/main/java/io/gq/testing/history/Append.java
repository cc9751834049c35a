package io.gq.testing.history;

import io.gq.core.TopicPartition;

/**
 * One record a producer tried to append.
 *
 * @param process the producer session; its appends to a partition are made in the order of {@code sequence}
 * @param sequence order of the call within its process
 * @param value unique over the whole history
 * @param invokeNs when the call began, on the one clock of all clients
 * @param completeNs when its outcome was known
 * @param offset where the record lies; -1 unless {@code result} is {@code OK}
 * @param term of the leader that acknowledged; -1 where unknown
 */
public record Append(
        int process,
        long sequence,
        TopicPartition partition,
        String value,
        long invokeNs,
        long completeNs,
        Result result,
        long offset,
        long term) {

    /** What the producer was told. */
    public enum Result {
        /** Acknowledged with an offset. */
        OK,
        /** Refused for certain: the record must never be seen. */
        FAILED,
        /** Neither: the record may be there or not. */
        UNKNOWN
    }

    public Append {
        if (result == Result.OK && offset < 0) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: >= 0 for an acknowledged append)");
        }
    }

    @Override
    public String toString() {
        return "append process=" + process + " sequence=" + sequence + " partition=" + partition + " value=" + value
                + " result=" + result + (result == Result.OK ? " offset=" + offset + " term=" + term : "")
                + " invokeNs=" + invokeNs + " completeNs=" + completeNs;
    }
}
