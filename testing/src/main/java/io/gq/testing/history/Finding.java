package io.gq.testing.history;

import io.gq.core.TopicPartition;
import java.util.List;

/**
 * One thing that is wrong.
 *
 * @param message values and expectation
 * @param context the appends, reads and log rows around it
 */
public record Finding(FindingKind kind, TopicPartition partition, long offset, String message, List<String> context) {
    public Finding {
        context = List.copyOf(context);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder()
                .append(kind)
                .append(" partition=")
                .append(partition)
                .append(" offset=")
                .append(offset)
                .append(": ")
                .append(message);
        context.forEach(line -> text.append("\n    ").append(line));
        return text.toString();
    }
}
