package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.broker.peer.Succession.Report;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Node 1 led and is dead unless said otherwise. */
class SuccessionTest {

    private static final GroupId GROUP = new GroupId(new UUID(4711, 12));
    private static final NodeId ONE = new NodeId(1);
    private static final NodeId TWO = new NodeId(2);
    private static final NodeId THREE = new NodeId(3);
    private static final NodeId FOUR = new NodeId(4);
    private static final NodeId FIVE = new NodeId(5);
    private static final Set<NodeId> OF_THREE = Set.of(ONE, TWO, THREE);
    private static final Set<NodeId> OF_FIVE = Set.of(ONE, TWO, THREE, FOUR, FIVE);

    @Test
    void shouldPutTheLongerLogFirstAndLeaveTheShorterOut() {
        Map<NodeId, Report> reports = Map.of(TWO, at(7, 100), THREE, at(7, 101));

        assertThat(place(THREE, OF_THREE, reports)).hasValue(0);
        assertThat(place(TWO, OF_THREE, reports))
                .as("the other would not vote for it")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "1, 3", "2, 3", "1, 101", "7, 8"})
    void shouldSpreadTheGroupsEvenlyOverEqualReplicas(int one, int other) {
        NodeId first = new NodeId(one);
        NodeId second = new NodeId(other);
        Set<NodeId> voters = Set.of(first, second, new NodeId(50));
        Map<NodeId, Report> reports = Map.of(first, at(7, 100), second, at(7, 100));
        Random random = new Random(11);
        int wins = 0;
        for (int i = 0; i < 2000; i++) {
            GroupId group = new GroupId(new UUID(random.nextLong(), random.nextLong()));
            int place = Succession.place(group, first, voters, reports).orElseThrow();
            int otherPlace = Succession.place(group, second, voters, reports).orElseThrow();
            assertThat(Set.of(place, otherPlace)).isEqualTo(Set.of(0, 1));
            wins += place == 0 ? 1 : 0;
        }
        assertThat(wins).as("of 2000").isBetween(900, 1100);
    }

    @Test
    void shouldNotStandWithoutAMajorityThatHoldsTheLeaderForDead() {
        assertThat(place(TWO, OF_THREE, Map.of(TWO, at(7, 100)))).isEmpty();
        assertThat(place(TWO, OF_FIVE, Map.of(TWO, at(7, 100), THREE, at(7, 100))))
                .isEmpty();
        assertThat(place(TWO, Set.of(ONE, TWO), Map.of(TWO, at(7, 100)))).isEmpty();
    }

    @Test
    void shouldNotCountWhoDoesNotVote() {
        assertThat(place(TWO, OF_THREE, Map.of(TWO, at(7, 100), FOUR, at(7, 100))))
                .isEmpty();
        assertThat(place(FOUR, OF_THREE, Map.of(TWO, at(7, 100), THREE, at(7, 100), FOUR, at(7, 100))))
                .isEmpty();
    }

    @Test
    void shouldNotStandWhenNobodyFollowedTheDead() {
        Report leaderless = new Report(7, new LogPosition(7, 100), false);

        assertThat(place(TWO, OF_THREE, Map.of(TWO, leaderless, THREE, leaderless)))
                .as("an election of their own is under way")
                .isEmpty();
        assertThat(place(TWO, OF_THREE, Map.of(TWO, leaderless, THREE, at(7, 99))))
                .hasValue(0);
    }

    @Test
    void shouldPassOverAReplicaThatWouldStandInATermThatOthersHaveSeen() {
        Report risen = new Report(8, new LogPosition(7, 100), true); // by an election that was lost
        Map<NodeId, Report> reports = Map.of(TWO, risen, THREE, at(7, 100));

        assertThat(place(THREE, OF_THREE, reports))
                .as("node 2 may have voted in term 8")
                .isEmpty();
        assertThat(place(TWO, OF_THREE, reports))
                .as("its last entry need not be of its term")
                .hasValue(0);
    }

    @Test
    void shouldPassOverALaggardOfAnEarlierTerm() {
        Report stale = new Report(6, new LogPosition(6, 500), false);
        Map<NodeId, Report> reports = Map.of(TWO, stale, THREE, at(7, 100));

        assertThat(place(THREE, OF_THREE, reports)).hasValue(0);
        assertThat(place(TWO, OF_THREE, reports)).isEmpty();
    }

    @Test
    void shouldOrderAllThatCanWinInALargerGroup() {
        Map<NodeId, Report> reports = Map.of(TWO, at(7, 100), THREE, at(7, 103), FOUR, at(7, 102), FIVE, at(7, 101));

        assertThat(place(THREE, OF_FIVE, reports)).hasValue(0);
        assertThat(place(FOUR, OF_FIVE, reports))
                .as("three of five vote for it")
                .hasValue(1);
        assertThat(place(FIVE, OF_FIVE, reports)).isEmpty();
        assertThat(place(TWO, OF_FIVE, reports)).isEmpty();
    }

    @Test
    void shouldNeverPutTwoFirstNorAnyoneWhoWouldLoseWhenViewsAgree() {
        for (int seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            Set<NodeId> voters = random.nextBoolean() ? OF_THREE : OF_FIVE;
            Map<NodeId, Report> reports = new HashMap<>();
            for (NodeId node : voters) {
                if (random.nextInt(5) > 0) {
                    long term = 5L + random.nextInt(3);
                    LogPosition last = new LogPosition(term - random.nextInt(2), 100 + random.nextInt(3));
                    reports.put(node, new Report(term, last, random.nextInt(4) > 0));
                }
            }
            Set<Integer> places = new HashSet<>();
            for (NodeId node : reports.keySet()) {
                OptionalInt place = place(node, voters, reports);
                if (place.isPresent()) {
                    assertThat(places.add(place.getAsInt())).as("seed %d", seed).isTrue();
                    Report standing = reports.get(node);
                    long votes = reports.values().stream()
                            .filter(r -> r.last().compareTo(standing.last()) <= 0 && r.term() <= standing.term())
                            .count();
                    assertThat(votes).as("seed %d", seed).isGreaterThan(voters.size() / 2);
                }
            }
        }
    }

    private static OptionalInt place(NodeId self, Set<NodeId> voters, Map<NodeId, Report> reports) {
        return Succession.place(GROUP, self, voters, reports);
    }

    private static Report at(long term, long index) {
        return new Report(term, new LogPosition(term, index), true);
    }
}
