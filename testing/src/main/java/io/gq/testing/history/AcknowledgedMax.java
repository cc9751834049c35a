package io.gq.testing.history;

import java.util.Comparator;
import java.util.List;

/** The highest offset acknowledged before a moment; asked with moments that never go back. */
final class AcknowledgedMax {

    private final List<Append> byCompletion;
    private int next;
    private long max = -1;

    AcknowledgedMax(List<Append> acknowledged) {
        byCompletion = acknowledged.stream()
                .sorted(Comparator.comparingLong(Append::completeNs))
                .toList();
    }

    /** -1 where nothing had been acknowledged before that moment. */
    long at(long ns) {
        while (next < byCompletion.size() && byCompletion.get(next).completeNs() < ns) {
            max = Math.max(max, byCompletion.get(next).offset());
            next++;
        }
        return max;
    }
}
