package io.gq.chaos;

import io.gq.core.TopicPartition;
import io.gq.testing.history.HistoryReport;
import io.gq.testing.history.HistoryReport.AckGap;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The longest time in which a partition acknowledged nothing, to be laid beside what was injected by then.
 *
 * @param at its begin, from the beginning of the schedule; before it where negative
 */
record Outage(TopicPartition partition, Duration at, Duration length) {

    /**
     * One for each partition, the longest first.
     *
     * @param beganNs when the schedule began, on the history's clock
     */
    static List<Outage> of(HistoryReport history, long beganNs) {
        return history.gaps().entrySet().stream()
                .map(entry -> of(entry, beganNs))
                .sorted(Comparator.comparing(Outage::length).reversed())
                .toList();
    }

    private static Outage of(Map.Entry<TopicPartition, AckGap> gap, long beganNs) {
        return new Outage(
                gap.getKey(),
                Duration.ofNanos(gap.getValue().afterNs() - beganNs),
                gap.getValue().length());
    }
}
