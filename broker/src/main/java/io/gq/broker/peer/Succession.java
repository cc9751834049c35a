package io.gq.broker.peer;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which replica of a group stands for election after its leader's death, from what the survivors say of themselves. Pure. Every survivor
 * computes the same order from the same reports; where views differ, two may stand, and Raft decides.
 */
final class Succession {

    /**
     * What a survivor says of its replica.
     *
     * @param term the highest it has seen
     * @param last its last entry
     * @param led it follows the dead broker; else it knows of no leader
     */
    record Report(long term, LogPosition last, boolean led) {

        /** Whether it would vote for the other one, which would stand in the term after its own. */
        boolean votesFor(Report candidate) {
            return term <= candidate.term() && last.compareTo(candidate.last()) <= 0;
        }
    }

    private Succession() {}

    /**
     * The place of a survivor among those that can win.
     *
     * @param voters of the group, by the surviving replica's configuration
     * @param reports of the survivors that hold the leader for dead, {@code self} among them
     * @return 0 for the first; empty where it cannot win or need not stand: too few hold the leader for dead, none of them followed it,
     *     or too few would vote for it
     */
    static OptionalInt place(GroupId group, NodeId self, Set<NodeId> voters, Map<NodeId, Report> reports) {
        Map<NodeId, Report> counted = new HashMap<>(reports);
        counted.keySet().retainAll(voters);
        int majority = voters.size() / 2 + 1;
        if (!counted.containsKey(self)
                || counted.size() < majority
                || counted.values().stream().noneMatch(Report::led)) {
            return OptionalInt.empty();
        }
        List<NodeId> order = counted.keySet().stream()
                .filter(node -> canWin(counted.get(node), counted.values(), majority))
                .sorted(Comparator.comparing((NodeId node) -> counted.get(node).last(), Comparator.reverseOrder())
                        .thenComparing(node -> lot(group, node))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        int place = order.indexOf(self);
        return place < 0 ? OptionalInt.empty() : OptionalInt.of(place);
    }

    private static boolean canWin(Report candidate, Collection<Report> survivors, int majority) {
        return survivors.stream()
                        .filter(survivor -> survivor.votesFor(candidate))
                        .count()
                >= majority;
    }

    /**
     * Spreads the groups of a dead broker evenly over replicas that are equally far. Each bit of the node's number has to reach every bit of
     * the lot (the finalizer of MurmurHash3): where two lots differed by much the same for all groups, one node would win most.
     */
    private static int lot(GroupId group, NodeId node) {
        int mixed = group.value().hashCode() * 31 + node.value();
        mixed = (mixed ^ (mixed >>> 16)) * 0x85EBCA6B;
        mixed = (mixed ^ (mixed >>> 13)) * 0xC2B2AE35;
        return mixed ^ (mixed >>> 16);
    }
}
