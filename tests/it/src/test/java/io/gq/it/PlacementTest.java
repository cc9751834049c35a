package io.gq.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.BrokerInfo;
import io.gq.proto.v1.DescribeClusterRequest;
import io.gq.proto.v1.DescribeClusterResponse;
import io.gq.proto.v1.PartitionInfo;
import io.gq.proto.v1.TopicInfo;
import java.time.Duration;
import java.util.HashSet;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where replicas and leaders go. */
@Tag("cluster")
@Order(3)
@SharedCluster(SharedCluster.CALM)
class PlacementTest {

    private static final int HEAVY_BATCHES = 20;
    private static final int HEAVY_BATCH_BYTES = 900_000;

    @Test
    void shouldSpreadLeadersWhenTopicIsMade(ClusterFixture cluster) {
        TopicInfo topic = new Topics(cluster).create("spread", 6, 3);

        Map<Integer, Long> preferred = topic.getPartitionsList().stream()
                .collect(Collectors.groupingBy(p -> p.getReplicas(0), Collectors.counting()));
        assertThat(preferred).containsOnlyKeys(1, 2, 3);
        assertThat(preferred.values()).allSatisfy(count -> assertThat(count).isBetween(1L, 3L));
        assertThat(topic.getPartitionsList()).allSatisfy(p -> {
            assertThat(p.getReplicasList()).doesNotHaveDuplicates().hasSize(3);
            assertThat(p.getLeader()).as("leader of " + p.getPartition()).isPositive();
        });
    }

    @Test
    void shouldEvenOutWhenBrokersAreUnequallyLoaded(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        awaitQuiet(cluster); // what comes in counts as load too
        // one replica each: every topic can only go to one broker, and should go to the emptiest
        for (int i = 0; i < 7; i++) {
            topics.create("lone-" + i, 1, 1);
        }

        IntSummaryStatistics replicas =
                brokers(cluster).stream().mapToInt(BrokerInfo::getReplicas).summaryStatistics();
        assertThat(replicas.getMax() - replicas.getMin())
                .as("replicas per broker: %s", replicas)
                .isLessThanOrEqualTo(1);

        topics.create("wide", 5, 2);

        replicas = brokers(cluster).stream().mapToInt(BrokerInfo::getReplicas).summaryStatistics();
        assertThat(replicas.getMax() - replicas.getMin())
                .as("replicas per broker: %s", replicas)
                .isLessThanOrEqualTo(1);
    }

    @Test
    void shouldKeepAwayFromBrokerWhenItHoldsMoreBytes(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        BrokerProcess heavy =
                cluster.node(topics.create("heavy", 1, 1).getPartitions(0).getReplicas(0));
        for (int i = 0; i < HEAVY_BATCHES; i++) {
            topics.append("heavy", 0, new byte[HEAVY_BATCH_BYTES]);
        }
        await("the others have heard of it")
                .atMost(Duration.ofSeconds(10))
                .during(Duration.ofSeconds(1))
                .until(() -> heavy.metric("gq_stored_bytes").orElse(0.0) >= HEAVY_BATCHES * (double) HEAVY_BATCH_BYTES);

        // by the number of replicas alone one of so many would go there
        List<String> light = IntStream.range(0, 6).mapToObj(i -> "light-" + i).toList();
        List<Integer> placed = light.stream()
                .map(name -> topics.create(name, 1, 1).getPartitions(0).getReplicas(0))
                .toList();

        assertThat(placed).doesNotContain(heavy.node());
        light.forEach(topics::delete); // the other tests count replicas
        topics.delete("heavy");
        await("its bytes are gone")
                .atMost(Duration.ofSeconds(30))
                .during(Duration.ofSeconds(1))
                .until(() ->
                        heavy.metric("gq_stored_bytes").orElse(0.0) < HEAVY_BATCHES * (double) HEAVY_BATCH_BYTES / 2);
    }

    @Test
    void shouldAnswerTheSameOnEveryBroker(ClusterFixture cluster) {
        new Topics(cluster).create("known", 2, 3);

        await("every broker has the topic").atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            Set<List<PartitionInfo>> answers = new HashSet<>();
            Set<String> clusterIds = new HashSet<>();
            for (BrokerProcess broker : cluster.brokers()) {
                try (RawClient client = new RawClient(broker.address())) {
                    answers.add(client.topic("known").getPartitionsList().stream()
                            .map(p -> p.toBuilder()
                                    .clearLeader()
                                    .clearLeaderTerm()
                                    .build())
                            .toList());
                    clusterIds.add(client.hello().getClusterId());
                }
            }
            assertThat(answers)
                    .singleElement()
                    .satisfies(partitions -> assertThat(partitions).hasSize(2));
            assertThat(clusterIds).hasSize(1).doesNotContain("");
        });
    }

    @Test
    void shouldDescribeClusterOfThree(ClusterFixture cluster) {
        try (RawClient client = new RawClient(cluster.node(2).address())) {
            DescribeClusterResponse described =
                    client.admin().describeCluster(DescribeClusterRequest.getDefaultInstance());

            assertThat(described.getControllerVotersList()).containsExactlyInAnyOrder(1, 2, 3);
            assertThat(described.getControllerId()).isBetween(1, 3);
            assertThat(described.getBrokersList()).hasSize(3).allSatisfy(broker -> {
                assertThat(broker.getAlive()).isTrue();
                assertThat(broker.getEndpoint().getPort())
                        .isEqualTo(cluster.node(broker.getNodeId()).ports().grpc());
            });
        }
    }

    private static void awaitQuiet(ClusterFixture cluster) {
        await("nothing comes in")
                .atMost(Duration.ofSeconds(30))
                .during(Duration.ofSeconds(1))
                .until(() -> cluster.brokers().stream()
                        .allMatch(
                                broker -> broker.metric("gq_produce_rate_bytes").orElse(1.0) == 0));
    }

    private static List<BrokerInfo> brokers(ClusterFixture cluster) {
        try (RawClient client = new RawClient(cluster.node(1).address())) {
            return client.admin()
                    .describeCluster(DescribeClusterRequest.getDefaultInstance())
                    .getBrokersList();
        }
    }
}
