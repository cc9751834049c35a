package io.gq.cli.drill;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What one trial cost.
 *
 * @param broker node id of the one that was killed, stopped or paused
 * @param gapMsByPartition longest time without an acknowledgement of each partition that broker led
 * @param backMs from the fault's begin until each of these partitions acknowledged something under its next leader
 * @param firstValue of the values sent from the trial's start on, inclusive
 * @param endValue exclusive
 */
record TrialResult(
        int trial, int broker, Map<Integer, Long> gapMsByPartition, long backMs, long firstValue, long endValue) {

    TrialResult {
        gapMsByPartition = Map.copyOf(gapMsByPartition);
    }

    /** All gaps of some trials, the shortest first. */
    static List<Long> gapsMs(List<TrialResult> trials) {
        return trials.stream()
                .flatMap(trial -> trial.gapMsByPartition().values().stream())
                .sorted()
                .toList();
    }

    static long p50(List<Long> sorted) {
        return sorted.isEmpty() ? 0 : sorted.get((sorted.size() - 1) / 2);
    }

    static long max(List<Long> sorted) {
        return Stream.concat(Stream.of(0L), sorted.stream()).max(Long::compare).orElseThrow();
    }
}
