package io.gq.cli.drill;

import java.util.Arrays;

/** When each partition acknowledged something. Acknowledgements may come from any thread. */
final class AckTimeline {

    private static final int FIRST_CAPACITY = 1024;

    private final long[][] timesNs;
    private final int[] counts;

    AckTimeline(int partitions) {
        timesNs = new long[partitions][FIRST_CAPACITY];
        counts = new int[partitions];
    }

    /** Times of one partition may come slightly out of order. */
    synchronized void acknowledged(int partition, long ns) {
        if (counts[partition] == timesNs[partition].length) {
            timesNs[partition] = Arrays.copyOf(timesNs[partition], 2 * counts[partition]);
        }
        timesNs[partition][counts[partition]++] = ns;
    }

    /** How many acknowledgements the partition has had after a moment. */
    synchronized int countAfter(int partition, long ns) {
        int count = 0;
        for (int i = counts[partition] - 1; i >= 0; i--) {
            if (timesNs[partition][i] > ns) {
                count++;
            }
        }
        return count;
    }

    /**
     * The longest time without an acknowledgement of the partition between two moments: from the last acknowledgement before
     * {@code fromNs} (or from there, where there is none) to {@code toNs}.
     */
    synchronized long longestGapNs(int partition, long fromNs, long toNs) {
        long[] sorted = Arrays.copyOf(timesNs[partition], counts[partition]);
        Arrays.sort(sorted);
        long previous = fromNs;
        long longest = 0;
        for (long ns : sorted) {
            if (ns <= fromNs) {
                previous = ns;
            } else if (ns <= toNs) {
                longest = Math.max(longest, ns - previous);
                previous = ns;
            }
        }
        return Math.max(longest, toNs - Math.min(toNs, previous));
    }
}
