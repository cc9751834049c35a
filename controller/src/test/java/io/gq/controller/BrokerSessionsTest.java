package io.gq.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.NodeId;
import io.gq.proto.v1.SetBrokerState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BrokerSessionsTest {

    private static final long MS = 1_000_000;
    private static final long TIMEOUT_MS = 6_000;

    private final TestCluster cluster = TestCluster.of(3);
    private final BrokerSessions sessions = new BrokerSessions(Duration.ofMillis(TIMEOUT_MS), 0);
    private long nowMs;

    @Test
    void shouldMarkABrokerFailedAfterTheTimeoutAndNoEarlier() {
        assertThat(run(TIMEOUT_MS, 1, 2)).isEmpty();
        assertThat(run(500, 1, 2)).containsExactly("3 epoch 1 failed");
        // and again until the image shows it
        assertThat(run(500, 1, 2)).containsExactly("3 epoch 1 failed");
        cluster.setAlive(3, false);
        assertThat(run(500, 1, 2)).isEmpty();
    }

    @Test
    void shouldMarkABrokerAliveWhenItIsHeardAgain() {
        cluster.setAlive(3, false);
        assertThat(run(1000, 1, 2)).isEmpty();

        assertThat(run(500, 1, 2, 3)).containsExactly("3 epoch 1 alive");
        cluster.setAlive(3, true);
        assertThat(run(20_000, 1, 2, 3)).isEmpty();
    }

    @Test
    void shouldNotReviveABrokerOnAHeartbeatOfAnotherRun() {
        cluster.setAlive(3, false);
        sessions.heartbeat(new NodeId(3), 2, 0);

        assertThat(run(500, 1, 2)).isEmpty();
        cluster.register(3, 2);
        assertThat(run(500, 1, 2)).isEmpty();
    }

    @Test
    void shouldPassOverALateHeartbeatOfAnOlderRun() {
        cluster.register(3, 2);
        for (int i = 0; i < 30; i++) {
            sessions.heartbeat(new NodeId(3), 2, nowMs * MS);
            sessions.heartbeat(new NodeId(3), 1, nowMs * MS);
            assertThat(run(500, 1, 2)).isEmpty();
        }
    }

    @Test
    void shouldGiveEveryoneATimeoutAfterTakingTheLead() {
        run(20_000, 1, 2, 3);
        sessions.lead(nowMs * MS);

        assertThat(run(TIMEOUT_MS)).isEmpty();
        assertThat(run(500)).containsExactly("1 epoch 1 failed", "2 epoch 1 failed", "3 epoch 1 failed");
    }

    @Test
    void shouldGiveABrokerThatJustRegisteredATimeout() {
        run(20_000, 1, 2, 3);
        cluster.register(3, 2);

        assertThat(run(TIMEOUT_MS, 1, 2)).isEmpty();
        assertThat(run(1000, 1, 2)).containsExactly("3 epoch 2 failed");
    }

    @Test
    void shouldNotTakeItsOwnPauseForTheOthersSilence() {
        run(20_000, 1, 2, 3);
        nowMs += 60_000;

        assertThat(tick()).isEmpty();
        assertThat(run(TIMEOUT_MS, 1, 2)).isEmpty();
        assertThat(run(1000, 1, 2)).containsExactly("3 epoch 1 failed");
    }

    @Test
    void shouldWorkAcrossTheOverflowOfTheClock() {
        BrokerSessions late = new BrokerSessions(Duration.ofMillis(TIMEOUT_MS), Long.MAX_VALUE - 1000 * MS);
        for (long ms = -1000; ms <= 5000; ms += 500) {
            late.heartbeat(new NodeId(1), 1, Long.MAX_VALUE + ms * MS);
            late.heartbeat(new NodeId(2), 1, Long.MAX_VALUE + ms * MS);
            late.heartbeat(new NodeId(3), 1, Long.MAX_VALUE + ms * MS);
            assertThat(late.tick(Long.MAX_VALUE + ms * MS, cluster.image)).isEmpty();
        }
    }

    @Test
    void shouldRefuseATimeoutOfNothing() {
        assertThatThrownBy(() -> new BrokerSessions(Duration.ZERO, 0)).hasMessageContaining("expected: > 0");
    }

    /** Lets time go by, half a second a tick, while the given brokers send heartbeats; what the last tick said. */
    private List<String> run(long ms, int... heartbeating) {
        List<String> said = List.of();
        for (long end = nowMs + ms; nowMs < end; ) {
            nowMs += 500;
            for (int node : heartbeating) {
                long epoch =
                        cluster.image.broker(new NodeId(node)).orElseThrow().processEpoch();
                sessions.heartbeat(new NodeId(node), epoch, nowMs * MS);
            }
            said = tick();
        }
        return said;
    }

    private List<String> tick() {
        return sessions.tick(nowMs * MS, cluster.image).stream()
                .map(BrokerSessionsTest::text)
                .toList();
    }

    private static String text(SetBrokerState change) {
        return change.getNodeId() + " epoch " + change.getProcessEpoch() + (change.getAlive() ? " alive" : " failed");
    }
}
