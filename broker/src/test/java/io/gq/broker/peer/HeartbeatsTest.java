package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.broker.metadata.LeaderTable;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.proto.v1.BrokerLoad;
import io.gq.proto.v1.HeartbeatRequest;
import io.gq.proto.v1.LedGroup;
import io.gq.testing.ManualScheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HeartbeatsTest {

    private static final NodeId ONE = new NodeId(1);
    private static final NodeId TWO = new NodeId(2);
    private static final GroupId FIRST = new GroupId(new UUID(1, 1));
    private static final GroupId SECOND = new GroupId(new UUID(2, 2));

    private final ManualScheduler scheduler = new ManualScheduler();
    private final LeaderTable leaders = new LeaderTable();
    private final Map<GroupId, Long> led = new HashMap<>();
    private final Map<NodeId, Set<GroupId>> leaderless = new HashMap<>();
    private final PeerTable peers = new PeerTable();
    private final Heartbeats heartbeats = new Heartbeats(
            ONE,
            "c",
            7,
            () -> new Heartbeats.Self(
                    HeartbeatRequest.newBuilder(), Map.copyOf(led), Set.of(), BrokerLoad.getDefaultInstance(), false),
            Set::of,
            new PeerClients(peers, () -> 0, Runnable::run, Optional.empty()),
            peers,
            leaders,
            leaderless::put,
            scheduler,
            () -> scheduler.clock().instant().toEpochMilli() * 1_000_000,
            Duration.ofMillis(500),
            Duration.ofMillis(1500));

    @Test
    void shouldKeepANewLeaderWhenAnOlderBeatComesLate() {
        heartbeats.heard(beat(40, 2, FIRST, SECOND));

        heartbeats.heard(beat(40, 1, FIRST));

        assertThat(leaders.leaderOf(SECOND)).contains(new LeaderTable.Leader(TWO, 3));
    }

    @Test
    void shouldDropAClaimThatALaterBeatNoLongerMakes() {
        heartbeats.heard(beat(40, 2, FIRST, SECOND));

        heartbeats.heard(beat(40, 3, FIRST));

        assertThat(leaders.leaderOf(SECOND)).isEmpty();
        assertThat(leaders.leaderOf(FIRST)).isPresent();
    }

    @Test
    void shouldBelieveABrokerThatBeginsToCountAnew() {
        heartbeats.heard(beat(40, 900, FIRST));

        heartbeats.heard(beat(41, 1, SECOND)); // it was restarted

        assertThat(leaders.leaderOf(FIRST)).isEmpty();
        assertThat(leaders.leaderOf(SECOND)).isPresent();
    }

    @Test
    void shouldBelieveABrokerThatDoesNotCount() {
        heartbeats.heard(beat(0, 0, FIRST));

        heartbeats.heard(beat(0, 0, SECOND));

        assertThat(leaders.leaderOf(FIRST)).isEmpty();
        assertThat(leaders.leaderOf(SECOND)).isPresent();
    }

    @Test
    void shouldGatherChangesThatFollowEachOther() {
        heartbeats.beatSoon();
        scheduler.advance(Duration.ofMillis(2));
        assertThat(leaders.leaderOf(FIRST)).isEmpty();

        led.put(FIRST, 5L);
        heartbeats.beatSoon();
        scheduler.advance(Duration.ofMillis(20));
        led.put(SECOND, 5L);
        heartbeats.beatSoon();
        assertThat(leaders.leaderOf(FIRST)).isEmpty();
        scheduler.advance(Duration.ofMillis(7));

        assertThat(leaders.leaderOf(FIRST)).isPresent();
        assertThat(leaders.leaderOf(SECOND)).isPresent();
    }

    @Test
    void shouldSayWhomItLeadsMomentsAfterAChange() {
        heartbeats.start();
        led.put(FIRST, 5L);
        heartbeats.beatSoon();
        heartbeats.beatSoon();

        scheduler.advance(Duration.ofMillis(3));

        assertThat(leaders.leaderOf(FIRST)).contains(new LeaderTable.Leader(ONE, 5));
    }

    @Test
    void shouldTellWhichGroupsAnotherHasMadeThatNoLeaderHas() {
        heartbeats.heard(beat(40, 1).toBuilder().addLeaderless(FIRST.toString()).build());
        assertThat(leaderless).containsExactly(Map.entry(TWO, Set.of(FIRST)));

        heartbeats.heard(beat(40, 2, FIRST));
        assertThat(leaderless).containsExactly(Map.entry(TWO, Set.of()));
    }

    private static HeartbeatRequest beat(long run, long number, GroupId... groups) {
        HeartbeatRequest.Builder beat =
                HeartbeatRequest.newBuilder().setNodeId(TWO.value()).setRun(run).setBeat(number);
        for (GroupId group : groups) {
            beat.addLed(LedGroup.newBuilder().setGroupId(group.toString()).setTerm(3));
        }
        return beat.build();
    }
}
