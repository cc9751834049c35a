package io.gq.controller.placement;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which replica of each partition is its preferred leader, so that brokers lead equally many as far as the replicas allow.
 * First the replica that leads least is taken; then leads are passed on along chains of partitions, from a broker that leads two
 * more than the last one in the chain, until there is no such chain. The first of a set leads.
 */
final class LeaderBalance {

    private final List<List<Slot>> sets;
    private final int leadersMax;

    /**
     * @param sets of replicas, changed in place
     * @param leadersMax how many of these partitions one broker leads while others can
     */
    LeaderBalance(List<List<Slot>> sets, int leadersMax) {
        this.sets = sets;
        this.leadersMax = leadersMax;
    }

    void run() {
        for (List<Slot> set : sets) {
            Slot leader = set.stream()
                    .min(Comparator.<Slot>comparingInt(slot -> slot.diskFull() ? 1 : 0)
                            .thenComparingInt(slot -> slot.led() < leadersMax ? 0 : 1)
                            .thenComparingInt(Slot::leaders))
                    .orElseThrow();
            handLead(set, leader);
            leader.lead(1);
        }
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Slot from : leadersByCount()) {
                moved |= passOn(from);
            }
        }
    }

    /** Brokers that lead a partition of this request, those that lead most first. */
    private List<Slot> leadersByCount() {
        Map<Slot, Boolean> leaders = new LinkedHashMap<>();
        sets.forEach(set -> leaders.put(set.get(0), true));
        return leaders.keySet().stream()
                .sorted(Comparator.comparingInt(Slot::leaders).reversed().thenComparing(Slot::node))
                .toList();
    }

    /** Passes one lead on from a broker along the shortest chain to one that leads at least two fewer; false where there is none. */
    private boolean passOn(Slot from) {
        Map<Slot, List<List<Slot>>> ledBy = new HashMap<>();
        sets.forEach(set ->
                ledBy.computeIfAbsent(set.get(0), leader -> new ArrayList<>()).add(set));
        Map<Slot, @Nullable Step> reached = new HashMap<>();
        Deque<Slot> next = new ArrayDeque<>();
        reached.put(from, null);
        next.add(from);
        while (!next.isEmpty()) {
            Slot leader = next.remove();
            for (List<Slot> set : ledBy.getOrDefault(leader, List.of())) {
                for (Slot other : set) {
                    if (other.diskFull() || reached.containsKey(other)) {
                        continue;
                    }
                    reached.put(other, new Step(leader, set));
                    if (other.leaders() + 1 < from.leaders() && other.led() < leadersMax) {
                        walkBack(reached, other);
                        return true;
                    }
                    next.add(other);
                }
            }
        }
        return false;
    }

    private static void walkBack(Map<Slot, @Nullable Step> reached, Slot last) {
        Slot to = last;
        for (Step step = reached.get(to); step != null; step = reached.get(to)) {
            handLead(step.set(), to);
            to.lead(1);
            step.from().lead(-1);
            to = step.from();
        }
    }

    private static void handLead(List<Slot> set, Slot leader) {
        set.remove(leader);
        set.add(0, leader);
    }

    /** A partition whose lead can go on from one broker to the next of a chain. */
    private record Step(Slot from, List<Slot> set) {}
}
