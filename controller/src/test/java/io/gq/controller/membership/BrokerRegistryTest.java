package io.gq.controller.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.controller.TestCluster;
import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.controller.image.TopicImage;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.RegisterBroker;
import io.gq.proto.v1.SetBrokerState;
import org.junit.jupiter.api.Test;

class BrokerRegistryTest {

    private static final long NOW = 5_000;
    private static final NodeId ONE = new NodeId(1);

    private final TestCluster cluster = TestCluster.of(3);

    @Test
    void shouldTakeANewBrokerInAlive() {
        ClusterImage image = accepted(
                BrokerRegistry.register(ClusterImage.EMPTY, register(1, 7).build(), NOW));

        BrokerImage broker = image.broker(ONE).orElseThrow();
        assertThat(broker.alive()).isTrue();
        assertThat(broker.processEpoch()).isEqualTo(7);
        assertThat(broker.rack()).isEqualTo("r1");
        assertThat(broker.listeners().get("grpc")).hasToString("localhost:9092");
        assertThat(broker.peer()).hasToString("1-" + TestCluster.incarnation(1));
    }

    @Test
    void shouldChangeNoAssignmentWhenABrokerRestartsCleanOrWiped() {
        TopicImage orders = cluster.create("orders", 6, 3);

        cluster.register(1, 2);
        assertThat(cluster.topic("orders")).isEqualTo(orders);

        cluster.setAlive(2, false);
        cluster.register(2, 2);
        assertThat(cluster.topic("orders")).isEqualTo(orders);
        assertThat(cluster.image.broker(new NodeId(2)).orElseThrow().alive()).isTrue();

        cluster.register(3, "ffffffffffffffff", 1, "");
        assertThat(cluster.topic("orders")).isEqualTo(orders);
        assertThat(cluster.image.broker(new NodeId(3)).orElseThrow().incarnation())
                .isEqualTo("ffffffffffffffff");
    }

    @Test
    void shouldChangeNothingWhenARegistrationIsRepeated() {
        RegisterBroker register = register(1, 7).build();
        ClusterImage image = accepted(BrokerRegistry.register(ClusterImage.EMPTY, register, NOW));

        assertThat(accepted(BrokerRegistry.register(image, register, NOW + 1))).isSameAs(image);
    }

    @Test
    void shouldRefuseAnOlderRunOfTheSameStorage() {
        ClusterImage image = accepted(
                BrokerRegistry.register(ClusterImage.EMPTY, register(1, 7).build(), NOW));

        refused(
                BrokerRegistry.register(image, register(1, 6).build(), NOW),
                ErrorCode.INVALID_REQUEST,
                "process epoch: 6 (expected: >= 7");
        ClusterImage wiped = accepted(BrokerRegistry.register(
                image, register(1, 1).setIncarnation("ffffffffffffffff").build(), NOW));
        assertThat(wiped.broker(ONE).orElseThrow().processEpoch()).isEqualTo(1);
    }

    @Test
    void shouldRefuseAMalformedRegistration() {
        refused(
                BrokerRegistry.register(cluster.image, register(0, 1).build(), NOW),
                ErrorCode.INVALID_REQUEST,
                "nodeId: 0 (expected: >= 1)");
        refused(
                BrokerRegistry.register(
                        cluster.image, register(1, 1).setIncarnation("x").build(), NOW),
                ErrorCode.INVALID_REQUEST,
                "incarnation: x");
        refused(
                BrokerRegistry.register(
                        cluster.image,
                        register(1, 1)
                                .putListeners("http", Endpoint.getDefaultInstance())
                                .build(),
                        NOW),
                ErrorCode.INVALID_REQUEST,
                "host: ''");
    }

    @Test
    void shouldMarkABrokerFailedAndAlive() {
        ClusterImage failed = accepted(BrokerRegistry.setState(cluster.image, state(1, 1, false), NOW));
        assertThat(failed.broker(ONE).orElseThrow().alive()).isFalse();
        assertThat(accepted(BrokerRegistry.setState(failed, state(1, 1, false), NOW)))
                .isSameAs(failed);

        ClusterImage back = accepted(BrokerRegistry.setState(failed, state(1, 1, true), NOW));
        assertThat(back.broker(ONE).orElseThrow().alive()).isTrue();
    }

    @Test
    void shouldIgnoreAStateOfAnotherRun() {
        cluster.register(1, 5);

        assertThat(accepted(BrokerRegistry.setState(cluster.image, state(1, 4, false), NOW)))
                .isSameAs(cluster.image);
        assertThat(accepted(BrokerRegistry.setState(cluster.image, state(1, 6, false), NOW)))
                .isSameAs(cluster.image);
    }

    @Test
    void shouldRefuseAStateOfAnUnknownBroker() {
        refused(
                BrokerRegistry.setState(cluster.image, state(9, 1, false), NOW),
                ErrorCode.UNKNOWN_BROKER,
                "node: 9 (expected: a registered broker)");
        refused(BrokerRegistry.setState(cluster.image, state(0, 1, false), NOW), ErrorCode.UNKNOWN_BROKER, "node: 0");
    }

    private static RegisterBroker.Builder register(int node, long epoch) {
        return RegisterBroker.newBuilder()
                .setNodeId(node)
                .setIncarnation(TestCluster.incarnation(node))
                .setProcessEpoch(epoch)
                .setRack("r1")
                .putListeners(
                        "grpc",
                        Endpoint.newBuilder().setHost("localhost").setPort(9092).build());
    }

    private static SetBrokerState state(int node, long epoch, boolean alive) {
        return SetBrokerState.newBuilder()
                .setNodeId(node)
                .setProcessEpoch(epoch)
                .setAlive(alive)
                .build();
    }

    private static ClusterImage accepted(Decision decision) {
        assertThat(decision.message()).isEmpty();
        assertThat(decision.isAccepted()).isTrue();
        return decision.image();
    }

    private static void refused(Decision decision, ErrorCode code, String message) {
        assertThat(decision.error()).isEqualTo(code);
        assertThat(decision.message()).contains(message);
    }
}
