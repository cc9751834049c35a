package io.gq.broker.admin;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which replicas have to be trusted again so that a partition can be led. Pure.
 *
 * <p>Those that never forgot anything, and of the others the most advanced ones, together exactly a majority: then no leader can be
 * elected without the vote of each of them, none votes for a log that is shorter than its own, and so the most advanced one leads. A
 * record that was acknowledged and is still whole on any voter asked is in that one's log.
 *
 * <p>Whose majority, is said by the configuration of the most advanced replica: one that was on its way back in when the machines went
 * down may not vote yet, however much it holds.
 */
final class RecoveryRule {

    /** What a replica can do for the partition. */
    enum State {
        /** It votes. */
        TRUSTED,
        /** It may have forgotten entries, and says what it holds. */
        DISTRUSTED,
        /** It did not answer, is damaged, or is not open. */
        MISSING
    }

    /**
     * A replica, by its own words.
     *
     * @param follows it leads, or knows who does
     * @param last its last whole entry; of no meaning where it is missing
     * @param voters by the configuration in force there
     */
    record Replica(NodeId node, State state, boolean follows, LogPosition last, Set<NodeId> voters) {
        Replica {
            voters = Set.copyOf(voters);
        }
    }

    /**
     * What is to be done.
     *
     * @param trust the replicas to be trusted, the most advanced first
     * @param mostComplete the most advanced of all that will vote; it leads, or one that holds the same
     */
    record Choice(List<Replica> trust, Replica mostComplete) {
        Choice {
            trust = List.copyOf(trust);
        }
    }

    private static final Comparator<Replica> MOST_ADVANCED_FIRST =
            Comparator.comparing(Replica::last).reversed();

    private RecoveryRule() {}

    /**
     * @param replicas of one partition, all of them
     * @param allowMissing replicas that are missing are given up; what only they hold is lost
     * @throws BrokerException NOTHING_TO_RECOVER where the others can do it without, NO_QUORUM where replicas are missing
     */
    static Choice choose(List<Replica> replicas, boolean allowMissing) {
        Set<NodeId> voters = replicas.stream()
                .filter(r -> r.state() != State.MISSING && r.voters().contains(r.node()))
                .min(MOST_ADVANCED_FIRST)
                .map(Replica::voters)
                .orElse(Set.of());
        int majority = voters.size() / 2 + 1;
        List<Replica> trusted = in(State.TRUSTED, replicas, voters);
        List<Replica> distrusted = in(State.DISTRUSTED, replicas, voters);
        List<Replica> missing =
                replicas.stream().filter(r -> r.state() == State.MISSING).toList();
        if (trusted.size() >= majority || trusted.stream().anyMatch(Replica::follows)) {
            throw new BrokerException(
                    ErrorCode.NOTHING_TO_RECOVER,
                    "trusted replicas: " + nodes(trusted) + " (expected: less than a majority, " + majority + " of "
                            + voters.size() + ", and no leader); they take the others in by themselves");
        }
        if (trusted.size() + distrusted.size() < majority) {
            throw new BrokerException(
                    ErrorCode.NO_QUORUM,
                    "voters that answer and hold something: "
                            + nodes(Stream.concat(trusted.stream(), distrusted.stream())
                                    .toList())
                            + " (expected: at least " + majority + " of the replicas " + nodes(replicas) + ")");
        }
        if (!missing.isEmpty() && !allowMissing) {
            throw new BrokerException(
                    ErrorCode.NO_QUORUM,
                    "replicas that do not answer or hold nothing of use: " + nodes(missing)
                            + " (expected: none, since they may hold more than the others; bring them back, or give them up by"
                            + " --allow-missing)");
        }
        List<Replica> trust = distrusted.stream()
                .sorted(MOST_ADVANCED_FIRST)
                .limit(majority - trusted.size())
                .toList();
        return new Choice(
                trust,
                Stream.concat(trusted.stream(), trust.stream())
                        .sorted(MOST_ADVANCED_FIRST)
                        .findFirst()
                        .orElseThrow());
    }

    private static List<Replica> in(State state, List<Replica> replicas, Set<NodeId> nodes) {
        return replicas.stream()
                .filter(r -> r.state() == state && nodes.contains(r.node()))
                .toList();
    }

    private static List<NodeId> nodes(List<Replica> replicas) {
        return replicas.stream().map(Replica::node).toList();
    }
}
