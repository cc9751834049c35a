package io.gq.broker.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gq.broker.admin.RecoveryRule.Choice;
import io.gq.broker.admin.RecoveryRule.Replica;
import io.gq.broker.admin.RecoveryRule.State;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RecoveryRuleTest {

    @Test
    void shouldTrustTheMostAdvancedMajorityWhenAllAreDistrusted() {
        Choice choice = choose(distrusted(1, 3, 90), distrusted(2, 3, 100), distrusted(3, 3, 95));

        assertThat(nodes(choice)).containsExactly(2, 3);
        assertThat(choice.mostComplete().node()).isEqualTo(new NodeId(2));
    }

    @Test
    void shouldPreferALaterTermToALongerLog() {
        Choice choice = choose(distrusted(1, 3, 500), distrusted(2, 4, 100), distrusted(3, 3, 400));

        assertThat(nodes(choice)).containsExactly(2, 1);
    }

    @Test
    void shouldKeepTheOrderOfTheReplicasWhenTheyAreEqual() {
        assertThat(nodes(choose(distrusted(3, 1, 7), distrusted(1, 1, 7), distrusted(2, 1, 7))))
                .containsExactly(3, 1);
    }

    @Test
    void shouldTrustNoMoreThanAMajorityNeedsWhenOthersNeverForgot() {
        Choice choice = choose(
                trusted(1, 2, 50), distrusted(2, 2, 40), distrusted(3, 2, 60), trusted(4, 2, 55), distrusted(5, 2, 59));

        assertThat(nodes(choice)).containsExactly(3);
        assertThat(choice.mostComplete().node()).isEqualTo(new NodeId(3));
        assertThat(choose(trusted(1, 2, 50), distrusted(2, 2, 40), distrusted(3, 2, 45))
                        .mostComplete()
                        .node())
                .as("one that never forgot may be ahead")
                .isEqualTo(new NodeId(1));
    }

    @Test
    void shouldTrustTheOnlyReplicaWhenThereIsOne() {
        assertThat(nodes(choose(distrusted(1, 3, 90)))).containsExactly(1);
    }

    @Test
    void shouldRefuseWhenAMajorityNeverForgot() {
        assertThat(refusal(false, trusted(1, 2, 50), distrusted(2, 2, 60), trusted(3, 2, 40)))
                .isEqualTo(ErrorCode.NOTHING_TO_RECOVER);
        assertThat(refusal(true, trusted(1, 2, 50), missing(2), trusted(3, 2, 40)))
                .isEqualTo(ErrorCode.NOTHING_TO_RECOVER);
    }

    @Test
    void shouldRefuseWhenATrustedReplicaKnowsALeader() {
        Replica following = new Replica(new NodeId(3), State.TRUSTED, true, new LogPosition(2, 9), Set.of());

        assertThat(refusal(true, distrusted(1, 2, 9), distrusted(2, 2, 9), following, missing(4), missing(5)))
                .isEqualTo(ErrorCode.NOTHING_TO_RECOVER);
    }

    @Test
    void shouldWantAllReplicasUnlessTheyAreGivenUp() {
        Replica[] replicas = {distrusted(1, 2, 50), missing(2), distrusted(3, 2, 60)};

        assertThat(refusal(false, replicas)).isEqualTo(ErrorCode.NO_QUORUM);
        assertThat(nodes(choose(true, replicas))).containsExactly(3, 1);
    }

    @Test
    void shouldRefuseWhenTheOthersAreNoMajority() {
        assertThat(refusal(true, distrusted(1, 2, 50), missing(2), missing(3))).isEqualTo(ErrorCode.NO_QUORUM);
    }

    @Test
    void shouldCountOnlyThoseThatVoteByTheMostAdvancedConfiguration() {
        Set<NodeId> two = Set.of(new NodeId(1), new NodeId(2));
        Replica rejoining = new Replica(new NodeId(3), State.DISTRUSTED, false, new LogPosition(5, 95), two);
        Replica best = new Replica(new NodeId(1), State.DISTRUSTED, false, new LogPosition(5, 90), two);

        assertThat(nodes(choose(best, distrusted(2, 4, 50), rejoining)))
                .as("the third was on its way back in")
                .containsExactly(1, 2);
        assertThat(refusal(true, best, missing(2), rejoining)).isEqualTo(ErrorCode.NO_QUORUM);
        assertThat(refusal(true, rejoining, missing(1), missing(2))).isEqualTo(ErrorCode.NO_QUORUM);
    }

    private static Choice choose(Replica... replicas) {
        return choose(false, replicas);
    }

    /** All of them vote, where a replica does not say otherwise. */
    private static Choice choose(boolean allowMissing, Replica... replicas) {
        Set<NodeId> all = Arrays.stream(replicas).map(Replica::node).collect(Collectors.toSet());
        return RecoveryRule.choose(
                Arrays.stream(replicas)
                        .map(r -> new Replica(
                                r.node(),
                                r.state(),
                                r.follows(),
                                r.last(),
                                r.voters().isEmpty() ? all : r.voters()))
                        .toList(),
                allowMissing);
    }

    private static ErrorCode refusal(boolean allowMissing, Replica... replicas) {
        return catchThrowableOfType(BrokerException.class, () -> choose(allowMissing, replicas))
                .code();
    }

    private static List<Integer> nodes(Choice choice) {
        return choice.trust().stream().map(r -> r.node().value()).toList();
    }

    private static Replica distrusted(int node, long term, long index) {
        return new Replica(new NodeId(node), State.DISTRUSTED, false, new LogPosition(term, index), Set.of());
    }

    private static Replica trusted(int node, long term, long index) {
        return new Replica(new NodeId(node), State.TRUSTED, false, new LogPosition(term, index), Set.of());
    }

    private static Replica missing(int node) {
        return new Replica(new NodeId(node), State.MISSING, false, LogPosition.NONE, Set.of());
    }
}
