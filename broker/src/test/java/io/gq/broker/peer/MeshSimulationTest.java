package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Beacons, clocks of silence, obituaries and elections together, on a manual clock; {@link ToyCluster} checks every leader. */
class MeshSimulationTest {

    @Test
    void shouldElectForAKilledBrokerWithinAFifthOfASecond() {
        ToyMesh mesh = new ToyMesh(3);
        List<GroupId> groups = groups(mesh, 1, 30);

        mesh.kill(1);
        mesh.cluster.advance(200);

        assertThat(groups).allMatch(group -> newLeader(mesh, group, 2) && newLeader(mesh, group, 3));
        assertThat(mesh.cluster.stood).as("one election a group").hasSize(30);
    }

    @Test
    void shouldElectForAPausedBrokerAndLeaveTheRestAlone() {
        ToyMesh mesh = new ToyMesh(3);
        List<GroupId> its = groups(mesh, 1, 10);
        List<GroupId> others = groups(mesh, 2, 10);

        mesh.pause(1);
        mesh.cluster.advance(500);
        assertThat(its).allMatch(group -> newLeader(mesh, group, 2) && newLeader(mesh, group, 3));
        mesh.cluster.advance(10_000);
        mesh.goOn(1);
        mesh.cluster.advance(5_000);

        assertThat(mesh.cluster.stood).hasSize(10);
        assertThat(its)
                .as("the old leader follows the new one")
                .allMatch(group -> Objects.equals(leader(mesh, group, 1), leader(mesh, group, 2)));
        assertThat(others).allMatch(group -> new NodeId(2).equals(leader(mesh, group, 1)));
    }

    @Test
    void shouldDeclareNobodyDeadAfterItWasPausedItself() {
        ToyMesh mesh = new ToyMesh(3);
        List<GroupId> groups = groups(mesh, 1, 10);

        for (int pause : new int[] {300, 800, 3_000, 120, 10_000}) {
            mesh.pause(2);
            mesh.cluster.advance(pause);
            mesh.goOn(2);
            mesh.cluster.advance(137);
        }
        mesh.cluster.advance(1_000);

        assertThat(mesh.newsOf(2)).as("what the paused one says of others").noneMatch(line -> line.contains("dead"));
        assertThat(mesh.cluster.stood).isEmpty();
        assertThat(groups).allMatch(group -> new NodeId(1).equals(leader(mesh, group, 2)));
    }

    @Test
    void shouldDisturbNoLeaderThatOneBrokerAloneCannotHear() {
        ToyMesh mesh = new ToyMesh(3);
        List<GroupId> groups = groups(mesh, 1, 10);

        mesh.cluster.cut(1, 2); // one way: node 1 still hears node 2
        mesh.cluster.advance(10_000);

        assertThat(mesh.newsOf(2)).containsExactly("2: 1 dead SILENT");
        assertThat(mesh.cluster.stood).isEmpty();
        assertThat(groups).allMatch(group -> new NodeId(1).equals(leader(mesh, group, 3)));
    }

    @Test
    void shouldReplaceALeaderThatIsHeardByNobodyThoughItHearsAll() {
        ToyMesh mesh = new ToyMesh(3);
        List<GroupId> groups = groups(mesh, 1, 10);

        mesh.cluster.cut(1, 2);
        mesh.cluster.cut(1, 3);
        mesh.cluster.advance(600);

        assertThat(groups).allMatch(group -> newLeader(mesh, group, 2) && newLeader(mesh, group, 3));
        assertThat(groups).as("it hears of the new term and steps down").allMatch(group -> newLeader(mesh, group, 1));
    }

    @Test
    void shouldElectOnceSurvivorsHearEachOtherAgain() {
        ToyMesh mesh = new ToyMesh(3);
        List<GroupId> groups = groups(mesh, 1, 10);
        mesh.cluster.cut(2, 3); // one way, between the survivors
        mesh.cluster.advance(1_000);

        mesh.kill(1);
        mesh.cluster.advance(1_500);
        assertThat(groups).as("nobody can win").noneMatch(group -> newLeader(mesh, group, 2));
        mesh.cluster.cut.clear();
        mesh.cluster.advance(1_000);

        assertThat(groups).allMatch(group -> newLeader(mesh, group, 2) && newLeader(mesh, group, 3));
    }

    /** Kills, pauses, one-way cuts and slow links at random: safe all the time, and led again once all is well among a majority. */
    @Test
    void shouldStaySafeAndBlameOnlyWhoWasSilentWhateverHappens() {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            int size = random.nextInt(3) == 0 ? 5 : 3;
            ToyMesh mesh = new ToyMesh(size);
            List<GroupId> groups = new ArrayList<>();
            for (int leader = 1; leader <= size; leader++) {
                groups.addAll(groups(mesh, leader, 3));
            }
            mesh.cluster.delay = Duration.ofMillis(1 + random.nextInt(10));
            for (int step = 0; step < 6; step++) {
                int one = 1 + random.nextInt(size);
                switch (random.nextInt(4)) {
                    case 0 -> mesh.pause(one);
                    case 1 -> mesh.cluster.cut(one, 1 + random.nextInt(size));
                    case 2 -> mesh.cluster.cut.clear();
                    default -> {
                        if (mesh.cluster.broker(one).paused) {
                            mesh.goOn(one);
                        }
                    }
                }
                mesh.cluster.advance(random.nextInt(1_500));
            }
            mesh.cluster.cut.clear();
            mesh.cluster.brokers.values().stream()
                    .filter(broker -> broker.paused)
                    .forEach(ToyCluster.Broker::goOn);
            mesh.cluster.advance(5_000);
            mesh.news.clear();
            int killed = 1 + random.nextInt(size);
            List<GroupId> its = groups.stream()
                    .filter(group -> new NodeId(killed).equals(leader(mesh, group, killed)))
                    .toList();

            mesh.kill(killed);
            mesh.cluster.advance(2_000);

            int survivor = killed == 1 ? 2 : 1;
            assertThat(its)
                    .as("seed %d: groups of node %d", seed, killed)
                    .allMatch(group -> leader(mesh, group, survivor) != null
                            && !new NodeId(killed).equals(leader(mesh, group, survivor)));
            assertThat(mesh.news)
                    .as("seed %d: only the dead is held for dead", seed)
                    .allMatch(line -> line.contains(": " + killed + " dead "));
        }
    }

    private static List<GroupId> groups(ToyMesh mesh, int leader, int count) {
        long[] indexes = new long[mesh.cluster.brokers.size()];
        Arrays.fill(indexes, 100);
        List<GroupId> groups = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            groups.add(mesh.cluster.group(leader, indexes));
        }
        return groups;
    }

    /** Whether the broker knows of a leader other than node 1. */
    private static boolean newLeader(ToyMesh mesh, GroupId group, int asked) {
        NodeId leader = leader(mesh, group, asked);
        return leader != null && !leader.equals(new NodeId(1));
    }

    private static NodeId leader(ToyMesh mesh, GroupId group, int asked) {
        return mesh.cluster.broker(asked).replica(group).leader;
    }
}
