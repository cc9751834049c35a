package io.gq.chaos;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** How long at least one fault held: overlapping ones count once. */
final class UnderFault {

    private UnderFault() {}

    static Duration of(List<Injection> injections) {
        List<Injection> byBegin = injections.stream()
                .filter(Injection::injected)
                .sorted(Comparator.comparing(Injection::at))
                .toList();
        Duration sum = Duration.ZERO;
        Duration reached = Duration.ZERO;
        for (Injection injection : byBegin) {
            Duration begin = injection.at().compareTo(reached) > 0 ? injection.at() : reached;
            Duration end = injection.at().plus(injection.held());
            if (end.compareTo(begin) > 0) {
                sum = sum.plus(end.minus(begin));
                reached = end;
            }
        }
        return sum;
    }
}
