package io.gq.client.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.client.BrokerAddress;
import io.gq.client.ClientConfig;
import io.gq.client.fake.FakeBroker;
import io.gq.client.fake.FakeCluster;
import io.gq.core.TopicPartition;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LeaderWatchTest {

    private static final TopicPartition TP = new TopicPartition("t", 0);

    private final FakeCluster cluster = FakeCluster.start(3);
    private final ClientRuntime client = new ClientRuntime(
            ClientConfig.of(BrokerAddress.parseList(cluster.bootstrap())),
            new ClientRuntime.Outside(
                    InstantSource.system(),
                    System::nanoTime,
                    RandomGenerator.getDefault(),
                    name -> task -> new Thread(task, name)));

    @BeforeEach
    void watchATopic() {
        cluster.createTopic("t", 1);
        client.metadata().topic("t", Duration.ofSeconds(10)).join();
        await().until(() -> watching().size() == 2);
    }

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    @Test
    void shouldLearnANewLeaderWithoutAsking() {
        int before = client.metadata().refreshes();

        cluster.moveLeader(TP, 3);

        await().until(() -> leader() == 3);
        assertThat(client.metadata().refreshes()).isEqualTo(before);
    }

    @Test
    void shouldLearnIfOneOfTheWatchedBrokersStandsStill() {
        cluster.broker(watching().get(0)).freeze();

        cluster.moveLeader(TP, 3);

        await().atMost(Duration.ofSeconds(2)).until(() -> leader() == 3);
    }

    @Test
    void shouldTurnToAnotherBrokerWhenOneFallsSilentOrDies() {
        List<Integer> first = watching();
        int third = cluster.brokers().stream()
                .map(FakeBroker::node)
                .filter(node -> !first.contains(node))
                .findFirst()
                .orElseThrow();

        cluster.broker(first.get(0)).freeze();

        await().atMost(Duration.ofSeconds(20)).until(() -> watching().contains(third));
        cluster.broker(first.get(1)).kill();
        cluster.moveLeader(TP, third);
        await().until(() -> leader() == third);
    }

    private int leader() {
        return client.metadata().view().partition(TP).orElseThrow().leader();
    }

    /** Nodes that were asked to tell. */
    private List<Integer> watching() {
        return cluster.brokers().stream()
                .filter(broker -> broker.calls().contains("WatchLeaders"))
                .map(FakeBroker::node)
                .toList();
    }
}
