package io.gq.cli.drill;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** When each partition acknowledged something. Acknowledgements may come from any thread. */
final class AckTimeline {

    private static final int FIRST_CAPACITY = 1024;

    private final long[][] timesNs;
    private final long[][] values;
    private final int[] counts;

    AckTimeline(int partitions) {
        timesNs = new long[partitions][FIRST_CAPACITY];
        values = new long[partitions][FIRST_CAPACITY];
        counts = new int[partitions];
    }

    /**
     * Times of one partition may come slightly out of order.
     *
     * @param value which record, the later the greater
     */
    synchronized void acknowledged(int partition, long value, long ns) {
        if (counts[partition] == timesNs[partition].length) {
            timesNs[partition] = Arrays.copyOf(timesNs[partition], 2 * counts[partition]);
            values[partition] = Arrays.copyOf(values[partition], 2 * counts[partition]);
        }
        values[partition][counts[partition]] = value;
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

    /** When a record of this value or a later one was first acknowledged in the partition; empty where none was. */
    synchronized OptionalLong firstSince(int partition, long value) {
        return IntStream.range(0, counts[partition])
                .filter(i -> values[partition][i] >= value)
                .mapToLong(i -> timesNs[partition][i])
                .min();
    }

    /** A time without an acknowledgement. */
    record Gap(long fromNs, long toNs) {
        long ns() {
            return toNs - fromNs;
        }

        private Gap longer(Gap other) {
            return other.ns() > ns() ? other : this;
        }
    }

    /**
     * The longest time without an acknowledgement of the partition between two moments: from the last acknowledgement before
     * {@code fromNs} (or from there, where there is none) to {@code toNs}.
     */
    synchronized Gap longestGap(int partition, long fromNs, long toNs) {
        long[] sorted = Arrays.copyOf(timesNs[partition], counts[partition]);
        Arrays.sort(sorted);
        long previous = fromNs;
        Gap longest = new Gap(fromNs, fromNs);
        for (long ns : sorted) {
            if (ns <= fromNs) {
                previous = ns;
            } else if (ns <= toNs) {
                longest = longest.longer(new Gap(previous, ns));
                previous = ns;
            }
        }
        return longest.longer(new Gap(Math.min(toNs, previous), toNs));
    }
}
