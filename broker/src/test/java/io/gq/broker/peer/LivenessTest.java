package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Time is a number here: a tick every 25 ms unless the test lets the observer sleep. */
class LivenessTest {

    private static final NodeId TWO = new NodeId(2);
    private static final NodeId THREE = new NodeId(3);
    private static final long START_MS = -5_000; // System.nanoTime may be negative

    private long nowMs = START_MS;
    private final Liveness liveness =
            new Liveness(Duration.ofMillis(25), Duration.ofMillis(250), Duration.ofMillis(1000), nanos(START_MS));
    private final Map<NodeId, Long> signsMs = new HashMap<>();
    private final List<String> news = new ArrayList<>();

    @Test
    void shouldHoldNobodyForDeadWhenBeaconsCome() {
        for (int i = 0; i < 100; i++) {
            heard(TWO);
            heard(THREE);
            watch(50);
        }

        assertThat(news).containsExactly("2 alive HEARD", "3 alive HEARD");
    }

    @Test
    void shouldHoldForDeadWhenSilentForTheLimit() {
        heard(TWO);
        heard(THREE);
        watch(250);
        heard(THREE);
        assertThat(news).hasSize(2);

        watch(25);

        assertThat(news).endsWith("2 dead SILENT");
        assertThat(liveness.alive(TWO)).isFalse();
        assertThat(liveness.alive(THREE)).isTrue();
    }

    @Test
    void shouldHoldForDeadWhatSaysThatItsDiskStalls() {
        heard(TWO);
        disk(TWO, true);
        for (int i = 0; i < 10; i++) {
            watch(50);
            disk(TWO, true);
            heard(TWO);
        }
        assertThat(news).as("however well it is heard").containsExactly("2 alive HEARD", "2 dead STALLED");
        assertThat(liveness.alive(TWO)).isFalse();
        assertThat(liveness.views(nanos(nowMs)).get(TWO).state()).isEqualTo(Liveness.State.STALLED);

        disk(TWO, false);
        heard(TWO);
        assertThat(news).endsWith("2 alive HEARD").hasSize(3);

        disk(TWO, true);
        liveness.lost(TWO, nanos(nowMs)).ifPresent(this::told);
        assertThat(liveness.views(nanos(nowMs)).get(TWO).state()).isEqualTo(Liveness.State.DEAD);
        heard(TWO);
        assertThat(liveness.alive(TWO)).as("a new process").isTrue();
    }

    private void disk(NodeId node, boolean stalled) {
        liveness.diskStalled(node, stalled, nanos(nowMs)).ifPresent(this::told);
    }

    @Test
    void shouldSayNothingOfABrokerNeverHeard() {
        liveness.lost(TWO, nanos(nowMs)).ifPresent(this::told);
        watch(5_000);

        assertThat(news).isEmpty();
        assertThat(liveness.views(nanos(nowMs)).get(TWO).state()).isEqualTo(Liveness.State.UNKNOWN);
        assertThat(liveness.views(nanos(nowMs)).get(TWO).silentNanos()).isEqualTo(-1);
    }

    @Test
    void shouldHoldForDeadAtOnceWhenTheConnectionBreaks() {
        heard(TWO);
        liveness.lost(TWO, nanos(nowMs)).ifPresent(this::told);
        liveness.refused(TWO, nanos(nowMs)).ifPresent(this::told);
        liveness.refused(THREE, nanos(nowMs)).ifPresent(this::told);

        assertThat(news).containsExactly("2 alive HEARD", "2 dead LOST", "3 dead REFUSED");
    }

    @Test
    void shouldSeeABrokerComeBack() {
        heard(TWO);
        watch(400);
        heard(TWO);
        watch(200);

        assertThat(news).containsExactly("2 alive HEARD", "2 dead SILENT", "2 alive HEARD");
        assertThat(liveness.views(nanos(nowMs)).get(TWO).deaths()).isEqualTo(1);
    }

    @Test
    void shouldNotTakeItsOwnPauseForTheDeathOfOthers() {
        heard(TWO);
        watch(200);
        standStill(3_000);
        watch(225);
        assertThat(news).as("silence began anew").containsExactly("2 alive HEARD");
        assertThat(liveness.pauses()).isEqualTo(1);

        watch(50);

        assertThat(news).endsWith("2 dead SILENT");
    }

    @Test
    void shouldWatchNobodyWhileItIsStarvedAgainAndAgain() {
        heard(TWO);
        for (int i = 0; i < 50; i++) {
            standStill(120);
            watch(100);
        }

        assertThat(news).containsExactly("2 alive HEARD");
        assertThat(liveness.pauses()).isEqualTo(50);
    }

    @Test
    void shouldNotLearnGapsFromItsOwnPauses() {
        heard(TWO);
        standStill(600);
        heard(TWO);
        watch(25);

        assertThat(limitMs(TWO)).isEqualTo(250);
    }

    @Test
    void shouldWaitLongerWhereBeaconsComeUnevenly() {
        heard(TWO);
        watch(200);
        heard(TWO);
        assertThat(limitMs(TWO)).as("twice the gap").isEqualTo(400);

        watch(400);
        assertThat(news).hasSize(1);
        watch(25);
        assertThat(news).endsWith("2 dead SILENT");

        heard(TWO); // 425 ms: it lived
        assertThat(limitMs(TWO)).isEqualTo(850);
        watch(800);
        heard(TWO);
        assertThat(limitMs(TWO)).as("the highest limit").isEqualTo(1000);
        assertThat(limitMs(THREE)).as("each its own").isEqualTo(250);
    }

    @Test
    void shouldForgetUnevennessWithTime() {
        heard(TWO);
        watch(225);
        for (int i = 0; i < 450; i++) {
            heard(TWO);
            watch(50);
        }

        assertThat(limitMs(TWO)).isEqualTo(250);
    }

    @Test
    void shouldNotLearnGapsFromDeaths() {
        heard(TWO);
        watch(10_000);
        heard(TWO);

        assertThat(limitMs(TWO)).isEqualTo(250);
    }

    @Test
    void shouldTakeAppendsForASignOfLife() {
        heard(TWO);
        for (int i = 0; i < 20; i++) {
            watch(50);
            signsMs.put(TWO, nowMs);
        }
        assertThat(news).as("its beacons are late, its records are not").hasSize(1);

        watch(275);

        assertThat(news).endsWith("2 dead SILENT");
    }

    @Test
    void shouldNotBelieveSignsOfLifeAgainstABrokenConnection() {
        heard(TWO);
        signsMs.put(TWO, nowMs);
        liveness.lost(TWO, nanos(nowMs)).ifPresent(this::told);
        signsMs.put(TWO, nowMs + 10);
        watch(25);

        assertThat(news).containsExactly("2 alive HEARD", "2 dead LOST");
    }

    private long limitMs(NodeId node) {
        if (node.equals(THREE)) {
            heard(THREE);
        }
        return liveness.views(nanos(nowMs)).get(node).limitNanos() / 1_000_000;
    }

    private void heard(NodeId node) {
        liveness.heard(node, nanos(nowMs)).ifPresent(this::told);
    }

    /** Time passes and the observer looks at it. */
    private void watch(long ms) {
        for (long end = nowMs + ms; nowMs < end; ) {
            nowMs += 25;
            tick();
        }
    }

    /** Time passes and the observer wakes up late. */
    private void standStill(long ms) {
        nowMs += ms;
        tick();
    }

    private void tick() {
        liveness.tick(nanos(nowMs), node -> {
                    Long sign = signsMs.get(node);
                    return sign == null ? OptionalLong.empty() : OptionalLong.of(nanos(sign));
                })
                .forEach(this::told);
    }

    private void told(Verdict verdict) {
        news.add(verdict.node() + (verdict.alive() ? " alive " : " dead ") + verdict.cause());
    }

    private static long nanos(long ms) {
        return ms * 1_000_000;
    }
}
