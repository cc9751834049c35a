package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.broker.peer.FoundingRule.Answer;
import io.gq.broker.peer.FoundingRule.Step;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FoundingRuleTest {

    private static final NodeId N1 = new NodeId(1);
    private static final NodeId N2 = new NodeId(2);
    private static final NodeId N3 = new NodeId(3);
    private static final Set<NodeId> CONTROLLERS = Set.of(N1, N2, N3);
    private static final PeerId P1 = new PeerId(N1, "aaaaaaaaaaaaaaa1");
    private static final PeerId P2 = new PeerId(N2, "aaaaaaaaaaaaaaa2");
    private static final PeerId P3 = new PeerId(N3, "aaaaaaaaaaaaaaa3");
    private static final PeerId WIPED_1 = new PeerId(N1, "bbbbbbbbbbbbbbb1");
    private static final List<PeerId> FOUNDERS = List.of(P1, P2, P3);

    @Test
    void shouldWaitUntilEveryControllerAnswers() {
        Step step = FoundingRule.decide(P1, CONTROLLERS, Map.of(N2, empty(P2)));

        assertThat(step).isEqualTo(new Step.Wait(Set.of(N3)));
    }

    @Test
    void shouldFoundOnlyOnTheLowestNode() {
        assertThat(FoundingRule.decide(P1, CONTROLLERS, Map.of(N2, empty(P2), N3, empty(P3))))
                .isEqualTo(new Step.Found(FOUNDERS));
        assertThat(FoundingRule.decide(P2, CONTROLLERS, Map.of(N1, empty(P1), N3, empty(P3))))
                .isEqualTo(new Step.Wait(Set.of()));
    }

    @Test
    void shouldAdoptAsFounderWhenThisVeryStorageIsNamed() {
        Step step = FoundingRule.decide(P3, CONTROLLERS, Map.of(N1, founded(P1, "c1")));

        assertThat(step).isEqualTo(new Step.Adopt("c1", FOUNDERS, true));
    }

    @Test
    void shouldJoinWithoutAVoteWhenTheStorageIsNew() {
        Step step = FoundingRule.decide(WIPED_1, CONTROLLERS, Map.of(N2, founded(P2, "c1"), N3, founded(P3, "c1")));

        assertThat(step).isEqualTo(new Step.Adopt("c1", FOUNDERS, false));
    }

    @Test
    void shouldNotFoundAnewWhenOneControllerRemembersTheCluster() {
        Step step = FoundingRule.decide(WIPED_1, CONTROLLERS, Map.of(N2, empty(P2), N3, founded(P3, "c1")));

        assertThat(step).isInstanceOf(Step.Adopt.class);
    }

    @Test
    void shouldRefuseWhenTheControllersBelongToDifferentClusters() {
        Step step = FoundingRule.decide(WIPED_1, CONTROLLERS, Map.of(N2, founded(P2, "c1"), N3, founded(P3, "c2")));

        assertThat(step).isInstanceOf(Step.Refuse.class);
    }

    @Test
    void shouldLetABrokerThatIsNoControllerOnlyJoin() {
        PeerId fourth = new PeerId(new NodeId(4), "aaaaaaaaaaaaaaa4");

        assertThat(FoundingRule.decide(fourth, CONTROLLERS, Map.of(N1, empty(P1), N2, empty(P2), N3, empty(P3))))
                .isEqualTo(new Step.Wait(Set.of()));
        assertThat(FoundingRule.decide(fourth, CONTROLLERS, Map.of(N1, founded(P1, "c1"))))
                .isEqualTo(new Step.Adopt("c1", FOUNDERS, false));
    }

    @Test
    void shouldFoundAloneWhenItIsTheOnlyController() {
        assertThat(FoundingRule.decide(P1, Set.of(N1), Map.of())).isEqualTo(new Step.Found(List.of(P1)));
    }

    private static Answer empty(PeerId peer) {
        return new Answer(peer, Optional.empty(), List.of());
    }

    private static Answer founded(PeerId peer, String clusterId) {
        return new Answer(peer, Optional.of(clusterId), FOUNDERS);
    }
}
