package io.gq.testing.history;

import io.gq.core.TopicPartition;

/**
 * One record a reader saw.
 *
 * @param reader the session; it reads each partition forward and leaves nothing out
 * @param afterSeek the reader had jumped to another place just before: nothing follows from what it read earlier
 */
public record Read(String reader, TopicPartition partition, long offset, String value, boolean afterSeek) {
    @Override
    public String toString() {
        return "read reader=" + reader + " partition=" + partition + " offset=" + offset + " value=" + value
                + (afterSeek ? " afterSeek" : "");
    }
}
