package io.gq.controller.placement;

import io.gq.core.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Spreads the replicas of new partitions over the live brokers, and their preferred leaders over the replicas.
 *
 * <p>Replicas go to different racks first, then to the least loaded brokers. Load is counted in replicas: what a broker holds, plus
 * its stored bytes and its incoming bytes a second, each in units of the cluster's mean per replica, but not of less than {@value
 * #BYTES_MIN} and {@value #BYTES_PER_S_MIN} bytes: a cluster that holds next to nothing is not unevenly loaded. A broker with a full disk comes
 * last. No broker takes more than twice its even share of one request while others can, so that an empty broker does not become
 * the bottleneck of a new topic. Leaders go to the replica that leads least, existing leaders counted.
 *
 * <p>Equal inputs give equal answers. Ties go by a hash of {@code seed}, partition and node, so that topics do not all begin at the
 * same broker and the partitions of a failed broker have their other replicas on many.
 */
public final class ReplicaPlacer {

    private static final int BYTES_MIN = 1 << 20;
    private static final int BYTES_PER_S_MIN = 10 << 10;

    private ReplicaPlacer() {}

    /**
     * @param partitions how many to place, at least 1
     * @param replicationFactor at least 1, at most the number of candidates
     * @param seed the hash of the topic's name, for instance
     * @return for each partition its nodes, the preferred leader first
     */
    public static List<List<NodeId>> place(
            List<Candidate> candidates, int partitions, int replicationFactor, int seed) {
        if (partitions < 1 || replicationFactor < 1 || replicationFactor > candidates.size()) {
            throw new IllegalArgumentException("partitions: " + partitions + ", replicas: " + replicationFactor
                    + " (expected: >= 1, and replicas <= " + candidates.size() + " brokers)");
        }
        List<Slot> slots = slots(candidates);
        int replicasMax = cap(partitions * (long) replicationFactor, slots.size());
        List<List<Slot>> sets = new ArrayList<>(partitions);
        for (int partition = 0; partition < partitions; partition++) {
            sets.add(pick(slots, replicationFactor, replicasMax, tieBreak(seed, partition)));
        }
        new LeaderBalance(sets, cap(partitions, slots.size())).run();
        return sets.stream().map(set -> set.stream().map(Slot::node).toList()).toList();
    }

    /** Twice the even share, rounded up. */
    private static int cap(long things, int brokers) {
        return (int) Math.min(Integer.MAX_VALUE, (2 * things + brokers - 1) / brokers);
    }

    /** An order of the brokers that looks random but depends on the topic and the partition alone. */
    private static Comparator<Slot> tieBreak(int seed, int partition) {
        long topic = mix(seed);
        return Comparator.<Slot>comparingLong(slot ->
                        mix(topic + partition * 0x1_0000_0000L + slot.node().value()))
                .thenComparing(Slot::node);
    }

    /** Spreads every bit of the input over the output (the finalizer of SplitMix64). */
    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static List<Slot> pick(List<Slot> slots, int count, int replicasMax, Comparator<Slot> tieBreak) {
        List<Slot> set = new ArrayList<>(count);
        Map<String, Integer> racks = new HashMap<>();
        while (set.size() < count) {
            Slot best = slots.stream()
                    .filter(slot -> !set.contains(slot))
                    .min(Comparator.<Slot>comparingInt(slot -> slot.diskFull() ? 1 : 0)
                            .thenComparingInt(slot -> racks.getOrDefault(slot.rack(), 0))
                            .thenComparingInt(slot -> slot.taken() < replicasMax ? 0 : 1)
                            .thenComparingDouble(Slot::load)
                            .thenComparing(tieBreak))
                    .orElseThrow();
            best.take();
            racks.merge(best.rack(), 1, Integer::sum);
            set.add(best);
        }
        return set;
    }

    private static List<Slot> slots(List<Candidate> candidates) {
        long replicas = 0;
        long bytes = 0;
        long rate = 0;
        for (Candidate candidate : candidates) {
            replicas += candidate.replicas();
            bytes += candidate.load().storedBytes();
            rate += candidate.load().produceBytesPerS();
        }
        double meanBytes = (double) bytes / Math.max(1, replicas);
        double meanRate = (double) rate / Math.max(1, replicas);
        double bytesUnit = Math.max(BYTES_MIN, meanBytes);
        double rateUnit = Math.max(BYTES_PER_S_MIN, meanRate);
        double eachReplica = 1 + meanBytes / bytesUnit + meanRate / rateUnit;
        List<Slot> slots = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
            double load = candidate.replicas()
                    + candidate.load().storedBytes() / bytesUnit
                    + candidate.load().produceBytesPerS() / rateUnit;
            slots.add(new Slot(candidate, load, eachReplica));
        }
        return slots;
    }
}
