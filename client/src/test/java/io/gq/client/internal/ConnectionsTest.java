package io.gq.client.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.gq.client.BrokerAddress;
import io.gq.client.ClientConfig;
import io.gq.client.GqException;
import io.gq.client.fake.FakeBroker;
import io.gq.client.fake.FakeCluster;
import io.gq.core.ErrorCode;
import io.gq.testing.Seeds;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionsTest {

    private final FakeCluster cluster = FakeCluster.start(2);
    private final BrokerAddress one =
            new BrokerAddress("127.0.0.1", cluster.broker(1).port());
    private final BrokerAddress two =
            new BrokerAddress("127.0.0.1", cluster.broker(2).port());
    private final AtomicLong nanos = new AtomicLong();
    private final Connections connections = new Connections(
            ClientConfig.of(List.of(one)), nanos::get, Seeds.of(1).random());

    @AfterEach
    void close() {
        connections.close();
        cluster.close();
    }

    @Test
    void shouldGreetOnceAndShareTheConnection() {
        BrokerConnection first = connections.to(one).join();
        BrokerConnection again = connections.to(one).join();

        assertThat(again).isSameAs(first);
        assertThat(first.nodeId()).isEqualTo(1);
        assertThat(first.messageBytesMax()).isEqualTo(1 << 20);
        assertThat(cluster.broker(1).calls()).containsExactly("Hello");
        assertThat(connections.clusterId()).contains(cluster.clusterId());
    }

    @Test
    void shouldGreetAnewWhenConnectionBroke() {
        BrokerConnection first = connections.to(one).join();
        FakeBroker broker = cluster.broker(1);
        broker.kill();
        await().until(() -> !first.usable());
        broker.start();
        nanos.addAndGet(1_000_000_000);

        BrokerConnection second = connections.to(one).join();

        assertThat(second).isNotSameAs(first);
        assertThat(broker.calls()).containsExactly("Hello", "Hello");
    }

    @Test
    void shouldRefuseBrokerOfAnotherCluster() {
        connections.to(one).join();
        cluster.broker(2).claimCluster("another");

        assertThat(failure(connections.to(two)).code()).isEqualTo(ErrorCode.CLUSTER_MISMATCH);
        assertThat(connections.promising(one)).isTrue();
        assertThat(connections.promising(two)).isFalse();
    }

    @Test
    void shouldNotHammerAddressWhereNobodyAnswers() {
        cluster.broker(1).kill();

        GqException first = failure(connections.to(one));
        GqException gated = failure(connections.to(one));

        assertThat(first.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
        assertThat(first.retriable()).isTrue();
        assertThat(gated).as("told at once, without a try").isSameAs(first);
        nanos.addAndGet(1_000_000_000);
        assertThat(failure(connections.to(one))).as("tried again").isNotSameAs(first);
    }

    @Test
    void shouldRefuseWhenClosed() {
        connections.close();

        assertThat(failure(connections.to(one)).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    }

    private static GqException failure(CompletableFuture<BrokerConnection> connection) {
        Throwable thrown = catchThrowable(connection::join);
        assertThat(thrown).isNotNull();
        return (GqException) Errors.unwrap(thrown);
    }
}
