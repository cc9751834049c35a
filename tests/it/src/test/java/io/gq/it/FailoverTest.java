package io.gq.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.load.Load;
import io.gq.proto.v1.DescribeClusterRequest;
import io.gq.proto.v1.MeshPeer;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the liveness mesh does to a cluster under load: it finds new leaders, and nothing is lost by it. No time is measured. */
@Tag("cluster")
@Order(21)
@SharedCluster(SharedCluster.FAULTY)
class FailoverTest {

    private static final Pattern ELECTIONS = Pattern.compile("gq_mesh_elections_total\\{[^}]*} ([0-9.E]+)");

    @Test
    void shouldElectByTheMeshAndLoseNothingWhenALeaderIsKilled(ClusterFixture cluster) {
        cluster.brokers().forEach(broker -> awaitMesh(broker, "ALIVE", "ALIVE"));
        try (Load load = Load.start(cluster, "mesh-kill", 9)) {
            load.awaitAcknowledged(200);
            BrokerProcess victim = load.topics().leader("mesh-kill", 0);
            List<BrokerProcess> survivors = others(cluster, victim);
            double before = elections(survivors);
            victim.kill();
            load.awaitAcknowledged(200);

            survivors.forEach(broker -> awaitMesh(broker, "ALIVE", "DEAD"));
            awaitElections(survivors, before);
            victim.start();
            cluster.awaitReady();
            cluster.brokers().forEach(broker -> awaitMesh(broker, "ALIVE", "ALIVE"));
            await("leaders back where they belong")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> load.topics().info("mesh-kill").getPartitionsList().stream()
                            .allMatch(partition -> partition.getLeader() == partition.getReplicas(0)));

            load.assertNothingLost(400);
        }
    }

    @Test
    void shouldReplaceALeaderThatStandsStillAndLoseNothingWhenItGoesOn(ClusterFixture cluster) {
        cluster.brokers().forEach(broker -> awaitMesh(broker, "ALIVE", "ALIVE"));
        try (Load load = Load.start(cluster, "mesh-pause", 9)) {
            load.awaitAcknowledged(200);
            BrokerProcess victim = load.topics().leader("mesh-pause", 0);
            List<BrokerProcess> survivors = others(cluster, victim);
            double before = elections(survivors);
            victim.pause();
            try {
                survivors.forEach(broker -> awaitMesh(broker, "ALIVE", "DEAD"));
                awaitElections(survivors, before);
            } finally {
                victim.resume();
            }
            load.awaitAcknowledged(400);
            cluster.brokers().forEach(broker -> awaitMesh(broker, "ALIVE", "ALIVE"));

            load.assertNothingLost(600);
        }
    }

    private static List<BrokerProcess> others(ClusterFixture cluster, BrokerProcess than) {
        return cluster.brokers().stream()
                .filter(broker -> broker.node() != than.node())
                .toList();
    }

    /** Waits until the broker sees the others so, in whatever order. */
    private static void awaitMesh(BrokerProcess broker, String... states) {
        await("mesh of broker " + broker.node())
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(mesh(broker)).extracting(MeshPeer::getState).containsExactlyInAnyOrder(states));
    }

    private static List<MeshPeer> mesh(BrokerProcess broker) {
        try (RawClient client = new RawClient(broker.address())) {
            return client.admin()
                    .describeCluster(DescribeClusterRequest.getDefaultInstance())
                    .getMeshList();
        }
    }

    private static void awaitElections(List<BrokerProcess> survivors, double before) {
        await("elections of the survivors").atMost(Duration.ofSeconds(30)).until(() -> elections(survivors) > before);
    }

    /** Elections that replicas on the brokers stood in, over the life of their processes. */
    private static double elections(List<BrokerProcess> brokers) {
        return brokers.stream()
                .mapToDouble(broker -> {
                    Matcher found = ELECTIONS.matcher(
                            broker.get("/metrics").orElseThrow().body());
                    assertThat(found.find()).isTrue();
                    return Double.parseDouble(found.group(1));
                })
                .sum();
    }
}
