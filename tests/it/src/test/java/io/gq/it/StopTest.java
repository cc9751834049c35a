package io.gq.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.DataFiles;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.it.load.Load;
import io.gq.proto.v1.PartitionInfo;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Stops that are meant, and processes that stand still. */
@Tag("cluster")
@Order(21)
@SharedCluster(SharedCluster.FAULTY)
class StopTest {

    @Test
    void shouldFailNoCallWhenBrokersAreRestartedOneByOne(ClusterFixture cluster) {
        try (Load load = Load.start(cluster, "rolled", 3)) {
            List<List<Integer>> before = assignment(load.topics(), "rolled");
            for (BrokerProcess broker : cluster.brokers()) {
                assertThat(broker.terminate())
                        .as("exit code of broker " + broker.node())
                        .isIn(0, 143);
                load.awaitAcknowledged(100);
                broker.start();
                broker.awaitReady();
                load.awaitAcknowledged(100);
            }

            load.assertNothingLost(600);
            assertThat(load.errors()).as("failed calls").isEmpty();
            assertThat(assignment(load.topics(), "rolled")).as("assignment").isEqualTo(before);
        }
    }

    @Test
    void shouldHandLeadersOverBeforeStopping(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("handed-over", 3, 3);
        BrokerProcess stopped = topics.leader("handed-over", 0);
        long before = System.nanoTime();

        stopped.terminate();
        topics.append("handed-over", 0, Topics.bytes("at once"));

        assertThat(topics.leader("handed-over", 0)).isNotSameAs(stopped);
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .as("stop and first append")
                .isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void shouldChangeNoAssignmentWhenClusterIsRestarted(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("restarted", 4, 2);
        List<List<Integer>> before = assignment(topics, "restarted");

        cluster.brokers().forEach(BrokerProcess::terminate);
        cluster.startAll();

        assertThat(assignment(topics, "restarted")).isEqualTo(before);
        assertThat(topics.append("restarted", 3, Topics.bytes("after"))).isZero();
    }

    @Test
    void shouldMakeNoDeletedTopicAgainWhenClusterIsRestarted(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("gone", 2, 3);
        List<String> groups = topics.info("gone").getPartitionsList().stream()
                .map(PartitionInfo::getGroupId)
                .toList();
        topics.delete("gone");

        // their controller logs are replayed from the start: once more there is a topic, and then there is none
        cluster.killAll();
        cluster.startAll();

        for (BrokerProcess broker : cluster.brokers()) {
            assertThat(groups)
                    .allSatisfy(group -> assertThat(DataFiles.ofGroup(broker.dataDir(), group))
                            .as("files of deleted group " + group + " on broker " + broker.node())
                            .isEmpty());
        }
    }

    @Test
    void shouldLoseNothingWhenLeaderStandsStill(ClusterFixture cluster) {
        try (Load load = Load.start(cluster, "frozen", 3)) {
            BrokerProcess leader = load.topics().leader("frozen", 0);
            leader.pause();
            try {
                load.awaitAcknowledged(1_000); // the others must have taken over for that many
            } finally {
                leader.resume();
            }
            load.awaitAcknowledged(300);

            load.assertNothingLost(1_400);
        }
    }

    private static List<List<Integer>> assignment(Topics topics, String topic) {
        return topics.info(topic).getPartitionsList().stream()
                .map(PartitionInfo::getReplicasList)
                .map(List::copyOf)
                .toList();
    }
}
