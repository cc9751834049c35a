package io.gq.testing.history;

import io.gq.core.TopicPartition;
import java.util.List;

/**
 * All records of a partition, as one full read found them after the dust had settled: through the front door (the final read,
 * which judges), or on one replica.
 *
 * @param source {@link #FINAL} or the replica's name
 * @param startOffset log start offset, inclusive
 * @param endOffset exclusive; every record in {@code [startOffset, endOffset)} is in {@code rows}
 * @param rows in the order they were read
 */
public record LogDump(String source, TopicPartition partition, long startOffset, long endOffset, List<Row> rows) {

    /** The source that judges. */
    public static final String FINAL = "final";

    /** One record. */
    public record Row(long offset, String value) {}

    public LogDump {
        rows = List.copyOf(rows);
    }
}
