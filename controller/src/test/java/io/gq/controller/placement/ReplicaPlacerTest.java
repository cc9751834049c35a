package io.gq.controller.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.NodeId;
import io.gq.testing.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReplicaPlacerTest {

    private static final long GB = 1L << 30;

    @Test
    void shouldSpreadReplicasAndLeadersEvenlyOverEqualBrokers() {
        Seeds.check(300, seeds -> {
            int brokers = seeds.between(1, 12);
            int replicas = seeds.between(1, Math.min(5, brokers));
            int partitions = seeds.between(1, 60);

            List<List<NodeId>> placed = ReplicaPlacer.place(
                    equal(brokers), partitions, replicas, seeds.random().nextInt());

            assertThat(placed)
                    .hasSize(partitions)
                    .allSatisfy(set -> assertThat(set).hasSize(replicas).doesNotHaveDuplicates());
            Map<NodeId, Integer> held = replicasOf(placed);
            Map<NodeId, Integer> led = leadersOf(placed);
            assertThat(spread(held, brokers)).as("replicas %s", held).isLessThanOrEqualTo(1);
            assertThat(spread(led, brokers)).as("leaders %s", led).isLessThanOrEqualTo(1);
        });
    }

    @Test
    void shouldGiveNewReplicasToBrokersThatHoldFewer() {
        List<Candidate> brokers =
                List.of(broker(1, 30, 10, 0), broker(2, 30, 10, 0), broker(3, 0, 0, 0), broker(4, 0, 0, 0));

        Map<NodeId, Integer> held = replicasOf(ReplicaPlacer.place(brokers, 10, 2, 7));

        assertThat(held).containsOnly(Map.entry(new NodeId(3), 10), Map.entry(new NodeId(4), 10));
    }

    @Test
    void shouldGiveNewReplicasToBrokersThatStoreLess() {
        List<Candidate> brokers = List.of(
                broker(1, 10, 3, 900 * GB),
                broker(2, 10, 3, 10 * GB),
                broker(3, 10, 3, 10 * GB),
                broker(4, 10, 3, 10 * GB));

        Map<NodeId, Integer> held = replicasOf(ReplicaPlacer.place(brokers, 9, 2, 7));

        assertThat(held).doesNotContainKey(new NodeId(1));
        assertThat(held.values()).containsOnly(6);
    }

    @Test
    void shouldNotMindWhoHoldsTheLittleThereIs() {
        List<Candidate> brokers = List.of(broker(1, 10, 3, 50_000), broker(2, 10, 3, 0), broker(3, 10, 3, 0));

        assertThat(replicasOf(ReplicaPlacer.place(brokers, 9, 1, 7)).values()).containsOnly(3);
    }

    @Test
    void shouldGiveNewReplicasToBrokersThatTakeInLess() {
        List<Candidate> brokers = new ArrayList<>();
        for (int node = 1; node <= 4; node++) {
            brokers.add(new Candidate(
                    new NodeId(node), "", 10, 3, new BrokerLoad(GB, node == 2 ? 100_000_000 : 1000, false)));
        }

        assertThat(replicasOf(ReplicaPlacer.place(brokers, 6, 1, 7))).doesNotContainKey(new NodeId(2));
    }

    @Test
    void shouldNotMakeAnEmptyBrokerTheBottleneckOfANewTopic() {
        List<Candidate> brokers =
                List.of(broker(1, 1000, 300, 0), broker(2, 1000, 300, 0), broker(3, 1000, 300, 0), broker(4, 0, 0, 0));

        List<List<NodeId>> placed = ReplicaPlacer.place(brokers, 16, 1, 7);

        assertThat(replicasOf(placed)).containsEntry(new NodeId(4), 8);
        assertThat(replicasOf(placed)).hasSize(4);
    }

    @Test
    void shouldCountExistingLeadersWhenLeadersAreChosen() {
        List<Candidate> brokers = List.of(broker(1, 12, 12, 0), broker(2, 12, 0, 0), broker(3, 12, 0, 0));

        Map<NodeId, Integer> led = leadersOf(ReplicaPlacer.place(brokers, 12, 3, 7));

        assertThat(led).containsOnly(Map.entry(new NodeId(2), 6), Map.entry(new NodeId(3), 6));
    }

    @Test
    void shouldPutReplicasInDifferentRacksFirst() {
        Seeds.check(200, seeds -> {
            int racks = seeds.between(1, 4);
            int brokers = seeds.between(racks, 9);
            int replicas = seeds.between(1, Math.min(4, brokers));
            List<Candidate> candidates = new ArrayList<>();
            for (int node = 1; node <= brokers; node++) {
                candidates.add(new Candidate(
                        new NodeId(node),
                        "rack" + node % racks,
                        seeds.between(0, 50),
                        0,
                        new BrokerLoad(seeds.between(0, 1000), 0, false)));
            }

            List<List<NodeId>> placed = ReplicaPlacer.place(candidates, seeds.between(1, 20), replicas, 7);

            for (List<NodeId> set : placed) {
                Set<Integer> used = new HashSet<>();
                set.forEach(node -> used.add(node.value() % racks));
                assertThat(used).hasSize(Math.min(racks, replicas));
            }
        });
    }

    @Test
    void shouldUseABrokerWithAFullDiskOnlyWhenItMust() {
        List<Candidate> brokers = List.of(
                new Candidate(new NodeId(1), "a", 0, 0, new BrokerLoad(0, 0, true)),
                broker(2, 50, 50, 0),
                broker(3, 50, 50, 0));

        assertThat(replicasOf(ReplicaPlacer.place(brokers, 4, 2, 0))).doesNotContainKey(new NodeId(1));
        List<List<NodeId>> all = ReplicaPlacer.place(brokers, 4, 3, 0);
        assertThat(replicasOf(all)).containsEntry(new NodeId(1), 4);
        assertThat(leadersOf(all)).doesNotContainKey(new NodeId(1));
    }

    @Test
    void shouldBeginAtDifferentBrokersForDifferentTopics() {
        Set<NodeId> first = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            first.add(ReplicaPlacer.place(equal(5), 1, 1, seed).get(0).get(0));
        }

        assertThat(first).hasSize(5);
    }

    @Test
    void shouldSpreadAFailedBrokersPartitionsOverManyOthers() {
        List<List<NodeId>> placed = ReplicaPlacer.place(equal(6), 60, 3, 0);

        Set<NodeId> peers = new HashSet<>();
        placed.stream().filter(set -> set.contains(new NodeId(1))).forEach(peers::addAll);
        assertThat(peers).hasSize(6);
    }

    @Test
    void shouldGiveEqualAnswersToEqualInputsInAnyOrder() {
        Seeds.check(100, seeds -> {
            List<Candidate> brokers = new ArrayList<>();
            for (int node = 1; node <= 7; node++) {
                brokers.add(broker(node, seeds.between(0, 3), seeds.between(0, 3), seeds.between(0, 3)));
            }
            List<Candidate> shuffled = new ArrayList<>(brokers);
            Collections.shuffle(shuffled, new Random(seeds.seed()));

            assertThat(ReplicaPlacer.place(shuffled, 10, 3, 5)).isEqualTo(ReplicaPlacer.place(brokers, 10, 3, 5));
        });
    }

    @Test
    void shouldPlaceManyPartitionsQuickly() {
        List<List<NodeId>> placed = ReplicaPlacer.place(equal(30), 10_000, 3, 0);

        assertThat(spread(replicasOf(placed), 30)).isLessThanOrEqualTo(1);
        assertThat(spread(leadersOf(placed), 30)).isLessThanOrEqualTo(1);
    }

    @Test
    void shouldRefuseMoreReplicasThanBrokers() {
        assertThatThrownBy(() -> ReplicaPlacer.place(equal(2), 1, 3, 0)).hasMessageContaining("replicas: 3");
        assertThatThrownBy(() -> ReplicaPlacer.place(equal(2), 0, 1, 0)).hasMessageContaining("partitions: 0");
        assertThatThrownBy(() -> new BrokerLoad(-1, 0, false)).hasMessageContaining("load: -1");
    }

    private static List<Candidate> equal(int brokers) {
        return IntStream.rangeClosed(1, brokers)
                .mapToObj(node -> broker(node, 0, 0, 0))
                .toList();
    }

    private static Candidate broker(int node, int replicas, int leaders, long bytes) {
        return new Candidate(new NodeId(node), "", replicas, leaders, new BrokerLoad(bytes, 0, false));
    }

    private static Map<NodeId, Integer> replicasOf(List<List<NodeId>> placed) {
        Map<NodeId, Integer> counts = new HashMap<>();
        placed.forEach(set -> set.forEach(node -> counts.merge(node, 1, Integer::sum)));
        return counts;
    }

    private static Map<NodeId, Integer> leadersOf(List<List<NodeId>> placed) {
        Map<NodeId, Integer> counts = new HashMap<>();
        placed.forEach(set -> counts.merge(set.get(0), 1, Integer::sum));
        return counts;
    }

    private static int spread(Map<NodeId, Integer> counts, int brokers) {
        int max = counts.values().stream().mapToInt(count -> count).max().orElse(0);
        int min = counts.size() < brokers
                ? 0
                : counts.values().stream().mapToInt(count -> count).min().orElse(0);
        return max - min;
    }
}
