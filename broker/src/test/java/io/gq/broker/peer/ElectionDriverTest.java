package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ElectionDriverTest {

    private static final Verdict.Cause SILENT = Verdict.Cause.SILENT;
    private static final Verdict.Cause LOST = Verdict.Cause.LOST;

    @Test
    void shouldElectTheMostUpToDateSurvivorWhenTheLeaderDies() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 105, 100, 103);
        die(cluster, LOST);

        cluster.advance(60);

        assertThat(leader(cluster, 2, group)).isEqualTo(new NodeId(3));
        assertThat(cluster.stood).hasSize(1);
        assertThat(cluster.decidedAnew).isZero();
    }

    /** It says so itself, so nobody waits for another's word, or for the end of its connections. */
    @Test
    void shouldElectAtOnceWhenTheLeadersDiskStalls() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 105, 100, 103);
        cluster.broker(2).readsOn = true;
        cluster.broker(3).readsOn = true;
        die(cluster, Verdict.Cause.STALLED);

        cluster.advance(60);

        assertThat(leader(cluster, 2, group)).isEqualTo(new NodeId(3));
        assertThat(cluster.stood).hasSize(1);
    }

    @Test
    void shouldTellWhereItStandsWhenTheLastAppendsHaveArrived() {
        ToyCluster cluster = new ToyCluster(3);
        List<GroupId> groups = groups(cluster, 10); // the lot would let either survivor stand
        ToyCluster.Broker slow = cluster.broker(2); // it still reads what the dead leader had sent
        slow.readsOn = true;
        die(cluster, LOST);

        for (int i = 0; i < 5; i++) {
            cluster.advance(40);
            for (GroupId group : groups) {
                slow.replica(group).last = new LogPosition(7, 101 + i);
            }
        }
        slow.readsOn = false;
        cluster.advance(60);

        assertThat(groups).allMatch(group -> new NodeId(2).equals(leader(cluster, 3, group)));
        assertThat(cluster.stood).hasSize(10);
    }

    @Test
    void shouldDecideAnewWhenSurvivorsHaveVotedForThemselves() {
        ToyCluster cluster = new ToyCluster(3);
        List<GroupId> groups = groups(cluster, 10);
        die(cluster, SILENT);
        cluster.advance(4); // who comes first has stood, and asks for votes
        cluster.cut(2, 3);
        cluster.cut(3, 2);
        cluster.advance(310); // the other one waited for a stagger and heard of nothing
        cluster.cut.clear();
        assertThat(groups).noneMatch(group -> cluster.broker(2).led(group, new NodeId(1)));

        cluster.advance(700);

        assertThat(groups).allMatch(group -> cluster.broker(2).led(group, new NodeId(1)));
    }

    @Test
    void shouldKeepTimeoutsFromElectingTooWhileItElects() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId slow = cluster.group(1, 100, 100, 100);
        cluster.brokers.values().forEach(b -> b.diskHangs = true);
        die(cluster, LOST);

        cluster.advance(200);
        assertThat(cluster.broker(2).putOff).containsExactly(slow);
        cluster.advance(5000);
        cluster.brokers.values().forEach(b -> b.putOff.clear());
        cluster.advance(500);

        assertThat(cluster.broker(2).putOff).as("not for ever").isEmpty();
    }

    @Test
    void shouldTryAgainWhereAnElectionCouldNotBeStarted() {
        ToyCluster cluster = new ToyCluster(3);
        List<GroupId> groups = groups(cluster, 100); // more than may be under way
        cluster.brokers.values().forEach(b -> b.cannotStand = true);
        die(cluster, SILENT);
        cluster.advance(600);
        assertThat(groups).noneMatch(group -> cluster.broker(2).led(group, new NodeId(1)));

        cluster.brokers.values().forEach(b -> b.cannotStand = false);
        cluster.advance(1500);

        assertThat(groups).allMatch(group -> cluster.broker(2).led(group, new NodeId(1)));
    }

    @Test
    void shouldLeaveTheTimeoutsOfGroupsAloneInWhichNobodyCanStand() {
        ToyCluster cluster = new ToyCluster(3);
        cluster.group(1, 100, 100, 100);
        cluster.broker(2).holdsForDead(1, SILENT); // and the third broker does not

        cluster.advance(1000);

        assertThat(cluster.broker(2).putOff).isEmpty();
    }

    @Test
    void shouldNotWaitForeverForAppendsOfADeadLeader() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 100, 100, 100);
        cluster.brokers.values().forEach(b -> b.readsOn = true);
        die(cluster, LOST);

        cluster.advance(500);

        assertThat(leader(cluster, 2, group)).isNotNull();
    }

    @Test
    void shouldSpreadElectionsOverEqualSurvivors() {
        ToyCluster cluster = new ToyCluster(3);
        List<GroupId> groups = groups(cluster, 100);
        die(cluster, SILENT);

        cluster.advance(500);

        assertThat(groups).allMatch(g -> succeeded(cluster, g));
        assertThat(cluster.stood).as("one election a group").hasSize(100);
        assertThat(cluster.stood.stream().filter(s -> s.startsWith("2 ")).count())
                .isBetween(25L, 75L);
        assertThat(cluster.brokers.values())
                .allMatch(b -> b.underWayMax <= ToyCluster.CONFIG.electionsMax())
                .anyMatch(b -> b.underWayMax > 1);
    }

    @Test
    void shouldLeaveGroupsOfOtherLeadersAlone() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(2, 100, 100, 100);
        die(cluster, LOST);

        cluster.advance(500);

        assertThat(cluster.stood).isEmpty();
        assertThat(leader(cluster, 3, group)).isEqualTo(new NodeId(2));
    }

    @Test
    void shouldWaitUntilTheOtherSurvivorHoldsItForDeadToo() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 100, 100, 100);
        cluster.kill(1);
        cluster.broker(2).holdsForDead(1, SILENT);
        cluster.advance(700);
        assertThat(cluster.stood).isEmpty();
        assertThat(cluster.broker(2).confirmed).as("its own impression so far").isEmpty();

        cluster.broker(3).holdsForDead(1, SILENT);
        cluster.advance(300);

        assertThat(leader(cluster, 2, group)).isNotNull();
        assertThat(cluster.broker(2).confirmed).containsExactly(new NodeId(1));
    }

    @Test
    void shouldNotDisturbALeaderThatOneBrokerAloneCannotHear() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 100, 100, 100);
        cluster.cut(1, 2);

        cluster.broker(2).holdsForDead(1, SILENT);
        cluster.advance(5_000);

        assertThat(cluster.stood).isEmpty();
        assertThat(cluster.broker(2).replica(group).term).isEqualTo(7);
        assertThat(leader(cluster, 3, group)).isEqualTo(new NodeId(1));
    }

    @Test
    void shouldNotStandOnAnObituaryThatWasWithdrawn() {
        ToyCluster cluster = new ToyCluster(3);
        cluster.group(1, 100, 100, 100);
        cluster.broker(2).holdsForDead(1, SILENT);
        cluster.advance(20);
        cluster.broker(2).hearsAgain(1);
        cluster.advance(20);

        cluster.broker(3).holdsForDead(1, SILENT);
        cluster.advance(2_000);

        assertThat(cluster.stood).isEmpty();
    }

    @Test
    void shouldNotStandOnAnOldObituary() {
        ToyCluster cluster = new ToyCluster(3);
        cluster.group(1, 100, 100, 100);
        cluster.broker(2).holdsForDead(1, SILENT);
        cluster.advance(2_000);
        cluster.cut(2, 3); // from now on broker 3 hears neither that it was withdrawn nor that it still holds
        cluster.broker(2).hearsAgain(1);
        cluster.advance(2_000);

        cluster.broker(3).holdsForDead(1, SILENT);
        cluster.advance(2_000);

        assertThat(cluster.stood).isEmpty();
    }

    @Test
    void shouldLetTheNextStandWhenTheFirstHangs() {
        ToyCluster cluster = new ToyCluster(3);
        List<GroupId> groups = groups(cluster, 20);
        cluster.broker(3).diskHangs = true;
        die(cluster, LOST);

        cluster.advance(100);
        assertThat(groups)
                .anyMatch(g ->
                        leader(cluster, 2, g) == null || leader(cluster, 2, g).equals(new NodeId(1)));
        cluster.advance(4_000); // it might be at work on others still

        assertThat(groups).allMatch(g -> new NodeId(2).equals(leader(cluster, 2, g)));
    }

    @Test
    void shouldNotRaceWhoStoodFirstEvenWhenItWinsLate() {
        ToyCluster cluster = new ToyCluster(3);
        List<GroupId> groups = groups(cluster, 20);
        cluster.brokers.values().forEach(b -> b.winsLate = true);
        die(cluster, LOST);

        cluster.advance(1_000);

        assertThat(groups).allMatch(g -> succeeded(cluster, g));
        assertThat(cluster.stood).hasSize(20);
    }

    @Test
    void shouldStandForTheNextWhenEarlierElectionsAreWon() {
        ToyCluster cluster = new ToyCluster(3);
        List<GroupId> groups = groups(cluster, 100);
        cluster.brokers.values().forEach(b -> b.winsLate = true); // long after the first look at it
        die(cluster, LOST);

        cluster.advance(1_000);

        assertThat(groups).allMatch(g -> succeeded(cluster, g));
        assertThat(cluster.brokers.values()).allMatch(b -> b.underWayMax <= ToyCluster.CONFIG.electionsMax());
    }

    @Test
    void shouldNotWaitForeverForElectionsThatNobodyWins() {
        ToyCluster cluster = new ToyCluster(3);
        List<GroupId> groups = groups(cluster, 4 * ToyCluster.CONFIG.electionsMax());
        cluster.brokers.values().forEach(b -> b.neverWins = true);
        die(cluster, LOST);
        cluster.advance(1_500);
        assertThat(groups).noneMatch(g -> succeeded(cluster, g));

        cluster.brokers.values().forEach(b -> b.neverWins = false);
        cluster.advance(5_000);

        assertThat(groups).allMatch(g -> succeeded(cluster, g));
    }

    @Test
    void shouldNeverLetALaggardStand() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 100, 100, 40);
        cluster.broker(2).diskHangs = true;
        die(cluster, LOST);

        cluster.advance(5_000);

        assertThat(cluster.stood)
                .as("node 2 would not vote for it, and would lose its own chance")
                .isEmpty();
        assertThat(cluster.broker(2).replica(group).term).isEqualTo(7);
    }

    @Test
    void shouldTakeAReplicaThatKnowsNoLeaderForAVoter() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 100, 100, 90);
        ToyCluster.Replica restarted = cluster.broker(3).replica(group);
        restarted.leader = null;
        die(cluster, LOST);

        cluster.advance(100);

        assertThat(leader(cluster, 3, group)).isEqualTo(new NodeId(2));
    }

    @Test
    void shouldElectAndDeposeAnOldLeaderThatLives() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 105, 104, 104);
        cluster.cut(1, 2);
        cluster.cut(1, 3);
        cluster.broker(2).holdsForDead(1, SILENT);
        cluster.broker(3).holdsForDead(1, SILENT);

        cluster.advance(100);

        assertThat(leader(cluster, 2, group)).isIn(new NodeId(2), new NodeId(3));
        assertThat(cluster.broker(1).replica(group).term)
                .as("it hears of the new term")
                .isEqualTo(8);
        assertThat(leader(cluster, 1, group)).isNotEqualTo(new NodeId(1));
    }

    @Test
    void shouldElectTheFurtherReplicaAfterAnElectionLostByAStaleView() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 105, 100, 101);
        cluster.delay = Duration.ofMillis(10);
        die(cluster, SILENT);
        cluster.advance(5);
        // What the dead leader sent last reaches node 2 after it said how far it is: node 3 is no longer the furthest.
        cluster.broker(2).replica(group).last = new LogPosition(7, 105);

        cluster.advance(100);
        assertThat(cluster.stood).as("by what it knew").hasSize(1).allMatch(who -> who.startsWith("3 "));
        assertThat(leader(cluster, 2, group)).as("node 2 did not vote for it").isNull();
        cluster.advance(500);

        assertThat(leader(cluster, 3, group)).isEqualTo(new NodeId(2));
        assertThat(cluster.stood).hasSize(2);
        cluster.advance(5_000);
        assertThat(cluster.stood).as("and that is all").hasSize(2);
        assertThat(cluster.decidedAnew).isEqualTo(1);
    }

    @Test
    void shouldTellWhoConnectsLate() {
        ToyCluster cluster = new ToyCluster(3);
        GroupId group = cluster.group(1, 100, 100, 100);
        cluster.kill(1);
        cluster.broker(3).heldForDead.add(new NodeId(2)); // no stream between the survivors yet
        cluster.broker(2).heldForDead.add(new NodeId(3));
        cluster.broker(2).holdsForDead(1, LOST);
        cluster.broker(3).holdsForDead(1, LOST);
        cluster.advance(1_500);
        assertThat(cluster.stood).isEmpty();

        cluster.broker(2).hearsAgain(3);
        cluster.broker(3).hearsAgain(2);
        cluster.advance(100);

        assertThat(leader(cluster, 2, group)).isNotNull().isNotEqualTo(new NodeId(1));
    }

    @Test
    void shouldElectASecondTimeWhenTheSuccessorDiesToo() {
        ToyCluster cluster = new ToyCluster(5);
        GroupId group = cluster.group(1, 105, 100, 101, 102, 103);
        cluster.kill(1);
        survivors(cluster).forEach(b -> b.holdsForDead(1, LOST));
        cluster.advance(100);
        assertThat(leader(cluster, 2, group)).isEqualTo(new NodeId(5));

        cluster.kill(5);
        survivors(cluster).forEach(b -> b.holdsForDead(5, LOST));
        cluster.advance(200);

        assertThat(leader(cluster, 2, group)).isIn(new NodeId(2), new NodeId(3), new NodeId(4));
    }

    /** Deaths, false alarms, cut and slow links at random; {@link ToyCluster} checks every leader. */
    @Test
    void shouldStaySafeAndFindLeadersWhateverTheOrderOfEvents() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int size = random.nextInt(3) == 0 ? 5 : 3;
            ToyCluster cluster = new ToyCluster(size);
            List<GroupId> groups = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                long[] indexes = new long[size];
                for (int n = 0; n < size; n++) {
                    indexes[n] = 100L - random.nextInt(4);
                }
                indexes[0] = 100;
                groups.add(cluster.group(1, indexes));
            }
            cluster.delay = Duration.ofMillis(1 + random.nextInt(30));
            boolean reallyDead = random.nextBoolean();
            if (reallyDead) {
                cluster.kill(1);
            }
            if (random.nextInt(3) == 0) {
                cluster.cut(1 + random.nextInt(size), 1 + random.nextInt(size));
            }
            boolean whole = cluster.cut.isEmpty();
            for (ToyCluster.Broker broker : survivors(cluster)) {
                if (broker.node.value() != 1) {
                    broker.holdsForDead(1, random.nextBoolean() ? LOST : SILENT);
                    cluster.advance(random.nextInt(100));
                    if (!reallyDead && random.nextInt(4) == 0) {
                        broker.hearsAgain(1);
                        whole = false;
                    }
                }
            }
            cluster.advance(1_500);

            if (reallyDead && whole) {
                assertThat(groups)
                        .as("seed %d", seed)
                        .allMatch(g ->
                                succeeded(cluster, g) && !leader(cluster, 2, g).equals(new NodeId(1)));
            }
        }
    }

    private static void die(ToyCluster cluster, Verdict.Cause cause) {
        cluster.kill(1);
        survivors(cluster).forEach(b -> b.holdsForDead(1, cause));
    }

    private static List<ToyCluster.Broker> survivors(ToyCluster cluster) {
        return cluster.brokers.values().stream()
                .filter(b -> !cluster.dead.contains(b.node))
                .toList();
    }

    private static List<GroupId> groups(ToyCluster cluster, int count) {
        List<GroupId> groups = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            groups.add(cluster.group(1, 100, 100, 100));
        }
        return groups;
    }

    /** Led, and not by the dead. */
    private static boolean succeeded(ToyCluster cluster, GroupId group) {
        NodeId leader = leader(cluster, 2, group);
        return leader != null && !leader.equals(new NodeId(1));
    }

    private static NodeId leader(ToyCluster cluster, int asked, GroupId group) {
        return cluster.broker(asked).replica(group).leader;
    }
}
