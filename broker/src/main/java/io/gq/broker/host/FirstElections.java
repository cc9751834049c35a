package io.gq.broker.host;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives groups that were just created their first leader. Brokers tell each other in their heartbeats which groups they have made that
 * no leader has yet; as soon as a majority has made one, the preferred leader stands. An election that came before would fail, and each
 * one that fails costs a term on the disks of those who are still making the group. Where the preferred leader is not there, the next
 * ones take their turn; where nothing is heard at all, Raft's own timeouts decide. Safe for use by many threads.
 */
final class FirstElections {

    /** After it, the next replica takes the turn of the one before it. */
    static final Duration TURN = Duration.ofSeconds(1);

    /** A replica that this broker has made. Cheap calls, for any thread. */
    interface Replica {
        boolean leaderKnown();

        void stand();
    }

    private static final class Waiting {
        final List<NodeId> members;
        final Replica replica;
        boolean stood;

        Waiting(List<NodeId> members, Replica replica) {
            this.members = members;
            this.replica = replica;
        }
    }

    private final NodeId self;
    private final Scheduler scheduler;
    private final Map<GroupId, Waiting> waiting = new HashMap<>();
    private final Map<NodeId, Set<GroupId>> told = new HashMap<>();

    FirstElections(NodeId self, Scheduler scheduler) {
        this.self = self;
        this.scheduler = scheduler;
    }

    /**
     * This broker made its replica of a new group; the others are to be told.
     *
     * @param members the preferred leader first
     */
    synchronized void created(GroupId group, List<NodeId> members, Replica replica) {
        waiting.put(group, new Waiting(members, replica));
        int turn = members.indexOf(self);
        if (turn <= 0) {
            standWhereItCanWin(group);
        } else {
            scheduler.after(TURN.multipliedBy(turn), () -> standWhereItCanWin(group));
        }
    }

    /** The groups that another broker has made and that no leader has yet, all of them. */
    synchronized void heard(NodeId from, Set<GroupId> leaderless) {
        if (leaderless.isEmpty()) {
            told.remove(from);
            return;
        }
        told.put(from, leaderless);
        for (GroupId group : leaderless) {
            Waiting made = waiting.get(group);
            if (made != null && self.equals(made.members.get(0))) {
                standWhereItCanWin(group);
            }
        }
    }

    /** What the others are to be told. */
    synchronized Set<GroupId> leaderless() {
        waiting.values().removeIf(made -> made.replica.leaderKnown());
        return new HashSet<>(waiting.keySet());
    }

    /** The replica is no longer open here. */
    synchronized void forget(GroupId group) {
        waiting.remove(group);
    }

    private synchronized void standWhereItCanWin(GroupId group) {
        Waiting made = waiting.get(group);
        if (made == null || made.stood || made.replica.leaderKnown() || !byAMajority(group, made)) {
            return;
        }
        made.stood = true;
        scheduler.after(Duration.ZERO, made.replica::stand);
    }

    private boolean byAMajority(GroupId group, Waiting made) {
        long members = made.members.stream()
                .filter(node ->
                        node.equals(self) || told.getOrDefault(node, Set.of()).contains(group))
                .count();
        return members > made.members.size() / 2;
    }
}
