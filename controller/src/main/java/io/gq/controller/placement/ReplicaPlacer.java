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
 * its stored bytes and its incoming bytes a second, each in units of the cluster's mean per replica. A broker with a full disk comes
 * last. No broker takes more than twice its even share of one request while others can, so that an empty broker does not become
 * the bottleneck of a new topic. Leaders go to the replica that leads least, existing leaders counted.
 *
 * <p>Equal inputs give equal answers; ties go by node id, beginning at a place that depends on {@code seed} and the partition, so
 * that topics do not all begin at the same broker and a failed broker's partitions are spread over many others.
 */
public final class ReplicaPlacer {

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
            sets.add(pick(slots, replicationFactor, replicasMax, tieBreak(slots.size(), seed, partition)));
        }
        lead(sets, cap(partitions, slots.size()));
        return sets.stream()
                .map(set -> set.stream().map(slot -> slot.node).toList())
                .toList();
    }

    /** Twice the even share, rounded up. */
    private static int cap(long things, int brokers) {
        return (int) Math.min(Integer.MAX_VALUE, (2 * things + brokers - 1) / brokers);
    }

    private static Comparator<Slot> tieBreak(int brokers, int seed, int partition) {
        int first = Math.floorMod(seed + partition, brokers);
        return Comparator.comparingInt(slot -> Math.floorMod(slot.number - first, brokers));
    }

    private static List<Slot> pick(List<Slot> slots, int count, int replicasMax, Comparator<Slot> tieBreak) {
        List<Slot> set = new ArrayList<>(count);
        Map<String, Integer> racks = new HashMap<>();
        while (set.size() < count) {
            Slot best = slots.stream()
                    .filter(slot -> !set.contains(slot))
                    .min(Comparator.<Slot>comparingInt(slot -> slot.diskFull ? 1 : 0)
                            .thenComparingInt(slot -> racks.getOrDefault(slot.rack, 0))
                            .thenComparingInt(slot -> slot.taken < replicasMax ? 0 : 1)
                            .thenComparingDouble(slot -> slot.load)
                            .thenComparing(tieBreak))
                    .orElseThrow();
            best.take();
            racks.merge(best.rack, 1, Integer::sum);
            set.add(best);
        }
        return set;
    }

    /** Puts the replica that leads least first in each set, then evens out what that order of choosing left uneven. */
    private static void lead(List<List<Slot>> sets, int leadersMax) {
        for (List<Slot> set : sets) {
            Slot leader = set.stream()
                    .min(Comparator.<Slot>comparingInt(slot -> slot.diskFull ? 1 : 0)
                            .thenComparingInt(slot -> slot.led < leadersMax ? 0 : 1)
                            .thenComparingInt(slot -> slot.leaders))
                    .orElseThrow();
            handLead(set, leader);
            leader.lead(1);
        }
        boolean moved = true;
        while (moved) {
            moved = false;
            for (List<Slot> set : sets) {
                Slot leader = set.get(0);
                for (Slot other : List.copyOf(set)) {
                    if (!other.diskFull && other.led < leadersMax && other.leaders + 1 < leader.leaders) {
                        leader.lead(-1);
                        other.lead(1);
                        handLead(set, other);
                        leader = other;
                        moved = true;
                    }
                }
            }
        }
    }

    private static void handLead(List<Slot> set, Slot leader) {
        set.remove(leader);
        set.add(0, leader);
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
        double bytesPerReplica = Math.max(1.0, (double) bytes / Math.max(1, replicas));
        double ratePerReplica = Math.max(1.0, (double) rate / Math.max(1, replicas));
        double eachReplica = 1 + (bytes > 0 ? 1 : 0) + (rate > 0 ? 1 : 0);
        List<Candidate> byNode = candidates.stream()
                .sorted(Comparator.comparing(Candidate::node))
                .toList();
        List<Slot> slots = new ArrayList<>(byNode.size());
        for (Candidate candidate : byNode) {
            double load = candidate.replicas()
                    + candidate.load().storedBytes() / bytesPerReplica
                    + candidate.load().produceBytesPerS() / ratePerReplica;
            slots.add(new Slot(slots.size(), candidate, load, eachReplica));
        }
        return slots;
    }

    /** A broker while replicas are handed out. */
    private static final class Slot {
        private final int number;
        private final NodeId node;
        private final String rack;
        private final boolean diskFull;
        private final double loadOfReplica;
        private double load;
        private int taken;
        private int leaders;
        private int led;

        Slot(int number, Candidate candidate, double load, double loadOfReplica) {
            this.number = number;
            this.node = candidate.node();
            this.rack = candidate.rack();
            this.diskFull = candidate.load().diskFull();
            this.load = load;
            this.loadOfReplica = loadOfReplica;
            this.leaders = candidate.leaders();
        }

        void take() {
            taken++;
            load += loadOfReplica;
        }

        void lead(int change) {
            leaders += change;
            led += change;
        }
    }
}
