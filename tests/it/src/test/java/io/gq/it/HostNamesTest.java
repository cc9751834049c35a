package io.gq.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gq.client.GqClient;
import io.gq.client.admin.NewTopic;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.it.cluster.ClusterFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Brokers that listen at something else than an IPv4 address. */
@Tag("node")
@Order(11)
class HostNamesTest {

    @ParameterizedTest
    @CsvSource({"[::1],host-ipv6", "localhost,host-name"})
    void shouldServeWhenEveryListenerIsBoundTo(String host, String clusterName) {
        assumeTrue(usable(host), host + " cannot be bound on this machine");
        try (ClusterFixture cluster =
                        ClusterFixture.named(clusterName).nodes(1).host(host).start();
                GqClient client = GqClient.connect(cluster.bootstrap())) {
            client.admin().within(Duration.ofSeconds(20)).createTopic(NewTopic.of("logs", 1, 1));
            try (Producer producer = client.producer().build()) {
                assertThat(producer.send(ProducerRecord.ofText("logs", "hello"))
                                .join()
                                .offset())
                        .isZero();
            }
            assertThat(client.admin().describeCluster().brokers().get(0).address())
                    .isEqualTo(cluster.node(1).address());
        }
    }

    private static boolean usable(String host) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getAllByName(host)[0], 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
