package io.gq.client.producer;

import io.gq.client.internal.PartitionView;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Where records without a key go: to one partition for its turn ({@link PartitionQueue#turnIsOver}), then to the next, so that batches
 * fill and load spreads. Partitions without a leader are passed over. Safe for use by many threads.
 */
final class StickyRoundRobin {

    private final RandomGenerator random;
    private final Map<String, Integer> currents = new ConcurrentHashMap<>();

    StickyRoundRobin(RandomGenerator random) {
        this.random = random;
    }

    int current(String topic, List<PartitionView> partitions) {
        int current = currents.computeIfAbsent(topic, t -> random.nextInt(partitions.size()));
        return current < partitions.size() ? current : 0;
    }

    /** Moves on from a partition whose turn is over, unless another thread did, and answers where records go now. */
    int after(String topic, int left, List<PartitionView> partitions) {
        return currents.compute(
                topic, (t, current) -> current == null || current == left ? next(left, partitions) : current);
    }

    private static int next(int left, List<PartitionView> partitions) {
        int count = partitions.size();
        for (int step = 1; step <= count; step++) {
            int candidate = (left + step) % count;
            if (partitions.get(candidate).leader() != 0) {
                return candidate;
            }
        }
        return (left + 1) % count;
    }
}
