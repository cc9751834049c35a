package io.gq.testing.history;

import io.gq.testing.history.HistoryReport.AckGap;
import java.time.Duration;
import java.util.List;

/** The longest time a partition acknowledged nothing while somebody was appending to it. */
final class AckGaps {

    private AckGaps() {}

    /** From the first call to the last outcome, whatever it was: a partition that never came back has a gap at its end. */
    static AckGap longest(List<Append> appends) {
        long first = appends.stream().mapToLong(Append::invokeNs).min().orElse(0);
        long last = appends.stream().mapToLong(Append::completeNs).max().orElse(0);
        long[] acknowledged = appends.stream()
                .filter(a -> a.result() == Append.Result.OK)
                .mapToLong(Append::completeNs)
                .sorted()
                .toArray();
        long longest = 0;
        long after = first;
        long previous = first;
        for (int i = 0; i <= acknowledged.length; i++) {
            long now = i < acknowledged.length ? acknowledged[i] : last;
            if (now - previous > longest) {
                longest = now - previous;
                after = previous;
            }
            previous = now;
        }
        return new AckGap(Duration.ofNanos(longest), after);
    }
}
