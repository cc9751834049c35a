package io.gq.it;

import static io.gq.it.cluster.Topics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.Topics;
import io.gq.it.load.Load;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Topics with durability=replicated: killed processes lose nothing, and a machine that went down does not vote with what it forgot. */
@Tag("cluster")
@Order(25)
class ReplicatedTopicTest {

    private static final Map<String, String> REPLICATED = Map.of("durability", "replicated");

    @Test
    void shouldLoseNothingWhenProcessesAreKilledAndRejoinWhenAMachineWentDown() throws IOException {
        try (ClusterFixture cluster = ClusterFixture.named("replicated").build()) {
            for (BrokerProcess broker : cluster.brokers()) {
                broker.bootAs("first-boot-of-" + broker.node());
            }
            cluster.startAll();
            try (Load load = Load.start(cluster, "replicated", 3, REPLICATED)) {
                String group = load.topics().groupId("replicated", 0);
                for (BrokerProcess broker : cluster.brokers()) {
                    assertThat(broker.dataDir().resolve("raft_replicated/groups/" + group))
                            .exists();
                    assertThat(broker.dataDir().resolve("raft/groups/" + group)).doesNotExist();
                }
                assertThatThrownBy(() -> load.topics().alter("replicated", Map.of("durability", "fsync")))
                        .hasMessageContaining("expected: replicated, as when it was created");

                // the end of processes, the same machine
                BrokerProcess first = cluster.node(1);
                first.kill();
                load.awaitAcknowledged(200);
                first.start();
                first.awaitReady();
                load.awaitAcknowledged(100);
                cluster.killAll();
                cluster.startAll();
                load.awaitAcknowledged(200);
                assertThat(cluster.outputs(100_000)).doesNotContain("rejoining group=" + group);

                // the end of a machine
                BrokerProcess second = cluster.node(2);
                second.kill();
                second.bootAs("second-boot-of-2");
                load.awaitAcknowledged(200);
                second.start();
                second.awaitReady();
                load.awaitAcknowledged(100);
                assertThat(second.output()).contains("rejoined group=" + group);
                assertThat(second.metric("gq_partitions_distrusted")).contains(0.0);

                // a machine that was stopped in order
                BrokerProcess third = cluster.node(3);
                third.terminate();
                third.bootAs("second-boot-of-3");
                third.start();
                third.awaitReady();
                load.awaitAcknowledged(100);
                assertThat(third.output()).doesNotContain("rejoining group=" + group);

                load.assertNothingLost(900);
            }
        }
    }

    @Test
    void shouldStayClosedAndSayWhyWhenAllMachinesWentDown() throws IOException {
        try (ClusterFixture cluster =
                ClusterFixture.named("replicated-all-down").build()) {
            for (BrokerProcess broker : cluster.brokers()) {
                broker.bootAs("first");
            }
            cluster.startAll();
            Topics topics = new Topics(cluster);
            topics.create("replicated", 1, 3, REPLICATED);
            topics.create("synced", 1, 3);
            topics.append("replicated", 0, bytes("perhaps"));
            topics.append("synced", 0, bytes("for sure"));

            cluster.killAll();
            for (BrokerProcess broker : cluster.brokers()) {
                broker.bootAs("second");
                broker.start();
            }

            for (BrokerProcess broker : cluster.brokers()) {
                await("it says why it is not ready")
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> broker.get("/health/ready")
                                .filter(answer -> answer.body().contains("may have forgotten"))
                                .isPresent());
                assertThat(broker.metric("gq_partitions_distrusted")).contains(1.0);
                assertThat(broker.output()).contains("NO_QUORUM");
            }
            await("topics with fsync go on")
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> !topics.produce("synced", 0, Topics.batch(bytes("more")))
                            .hasError());
        }
    }
}
