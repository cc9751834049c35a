package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.testing.ManualScheduler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FirstElectionsTest {

    private static final NodeId ONE = new NodeId(1);
    private static final NodeId TWO = new NodeId(2);
    private static final NodeId THREE = new NodeId(3);
    private static final List<NodeId> MEMBERS = List.of(ONE, TWO, THREE);
    private static final GroupId GROUP = new GroupId(new UUID(1, 1));
    private static final GroupId OTHER = new GroupId(new UUID(2, 2));

    private final ManualScheduler scheduler = new ManualScheduler();
    private final FakeReplica replica = new FakeReplica();

    @Test
    void shouldLetThePreferredLeaderStandWhenAMajorityHasMadeTheGroup() {
        FirstElections elections = elections(ONE);
        elections.created(GROUP, MEMBERS, replica);
        elections.heard(TWO, Set.of(OTHER));
        scheduler.runDue();
        assertThat(replica.stood).as("alone").isZero();

        elections.heard(THREE, Set.of(OTHER, GROUP));
        elections.heard(TWO, Set.of(GROUP));
        scheduler.runDue();
        assertThat(replica.stood).isEqualTo(1);
    }

    @Test
    void shouldStandAtOnceWhenTheOthersWereFirst() {
        FirstElections elections = elections(ONE);
        elections.heard(TWO, Set.of(GROUP));

        elections.created(GROUP, MEMBERS, replica);
        scheduler.runDue();

        assertThat(replica.stood).isEqualTo(1);
    }

    @Test
    void shouldStandAtOnceWhenThereIsNoOtherMember() {
        elections(ONE).created(GROUP, List.of(ONE), replica);
        scheduler.runDue();
        assertThat(replica.stood).isEqualTo(1);
    }

    @Test
    void shouldTakeTheTurnOfAPreferredLeaderThatIsNotThere() {
        FirstElections elections = elections(TWO);
        elections.created(GROUP, MEMBERS, replica);
        elections.heard(THREE, Set.of(GROUP));
        scheduler.advance(FirstElections.TURN.minus(Duration.ofMillis(1)));
        assertThat(replica.stood).isZero();

        scheduler.advance(Duration.ofMillis(1));
        scheduler.runDue();
        assertThat(replica.stood).isEqualTo(1);
    }

    @Test
    void shouldNotStandWhenThereIsALeaderOrNoMajority() {
        FirstElections led = elections(TWO);
        led.created(GROUP, MEMBERS, replica);
        led.heard(THREE, Set.of(GROUP));
        replica.led = true;
        scheduler.advance(FirstElections.TURN.multipliedBy(2));
        assertThat(replica.stood).as("has a leader").isZero();

        FakeReplica alone = new FakeReplica();
        elections(TWO).created(GROUP, MEMBERS, alone);
        scheduler.advance(FirstElections.TURN.multipliedBy(2));
        assertThat(alone.stood).as("nobody would vote").isZero();
    }

    @Test
    void shouldTellOfAGroupUntilItHasALeaderOrIsClosed() {
        FirstElections elections = elections(ONE);
        elections.created(GROUP, MEMBERS, replica);
        elections.created(OTHER, MEMBERS, new FakeReplica());
        assertThat(elections.leaderless()).containsExactlyInAnyOrder(GROUP, OTHER);

        replica.led = true;
        assertThat(elections.leaderless()).containsExactly(OTHER);
        elections.forget(OTHER);
        assertThat(elections.leaderless()).isEmpty();
    }

    private FirstElections elections(NodeId self) {
        return new FirstElections(self, scheduler);
    }

    private static final class FakeReplica implements FirstElections.Replica {
        private boolean led;
        private int stood;

        @Override
        public boolean leaderKnown() {
            return led;
        }

        @Override
        public void stand() {
            stood++;
        }
    }
}
