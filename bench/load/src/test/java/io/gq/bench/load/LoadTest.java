package io.gq.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.gq.bench.load.Driver.SenderOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LoadTest {

    private final FakeDriver cluster = new FakeDriver();

    @Test
    void shouldKeepToTheRateAndCountOnlyTheWindow() {
        LoadResult result = Load.produce(cluster, spec(2, 0, 1000, 200, 500), LoadWatcher.NONE);

        assertThat(result.publish().orElseThrow().count()).isEqualTo(500);
        // between the moments at which the ends of the window were noticed, each as late as the machine is busy
        assertThat(result.seconds()).isBetween(0.3, 0.7);
        assertThat(result.records()).isBetween(300L, 700L);
        assertThat(result.bytes()).isCloseTo(result.records() * 10, withinPercentage(5));
        assertThat(cluster.topics.get("t")).hasSize(700);
    }

    @Test
    void shouldCountAStallForEveryRecordItHeldUp() {
        cluster.stallAt100 = Duration.ofMillis(300);

        LoadResult result = Load.produce(cluster, spec(1, 1, 1000, 0, 500), LoadWatcher.NONE);

        // one record in flight at a time: a closed loop would have seen a single slow record of 500
        Percentiles latency = result.publish().orElseThrow();
        assertThat(latency.count()).isEqualTo(500);
        assertThat(latency.max()).isGreaterThanOrEqualTo(300);
        assertThat(latency.p50()).isGreaterThan(20);
    }

    @Test
    void shouldHoldEachProducerToItsRecordsInFlight() {
        Load.produce(cluster, spec(4, 1, 0, 0, 100), LoadWatcher.NONE);

        assertThat(cluster.senders).hasValue(4);
        assertThat(cluster.inFlightMax.get()).isBetween(1, 4);
        assertThat(cluster.topics.get("t")).isNotEmpty();
    }

    @Test
    void shouldMeasureToTheConsumer() {
        LoadResult result = Load.endToEnd(cluster, spec(1, 0, 1000, 100, 300), LoadWatcher.NONE);

        assertThat(result.publish().orElseThrow().count()).isEqualTo(300);
        assertThat(result.endToEnd().orElseThrow().count()).isEqualTo(300);
        assertThat(result.missing()).isZero();
    }

    @Test
    void shouldReadATopicOverAndOver() {
        Load.fill(cluster, spec(1, 0, 0, 0, 100), 50_000);
        assertThat(cluster.topics.get("t")).hasSize(5000);

        LoadResult result = Load.consume(cluster, spec(1, 0, 0, 50, 200), LoadWatcher.NONE);

        assertThat(result.records()).isGreaterThan(5000);
        assertThat(result.bytes()).isCloseTo(result.records() * 10, withinPercentage(5));
    }

    @Test
    void shouldGiveNoFigureWhenARecordFailed() {
        cluster.failure = new IllegalStateException("no room");

        assertThatThrownBy(() -> Load.produce(cluster, spec(1, 0, 100, 0, 60_000), LoadWatcher.NONE))
                .isInstanceOf(LoadFailure.class)
                .hasMessageContaining("no room");
        assertThatThrownBy(() -> Load.fill(cluster, spec(1, 0, 0, 0, 100), 1000))
                .isInstanceOf(LoadFailure.class);
    }

    @Test
    void shouldTellWhenTheWindowOpensAndCloses() {
        List<String> seen = new ArrayList<>();
        Load.produce(cluster, spec(1, 0, 100, 50, 50), new LoadWatcher() {
            @Override
            public void opened() {
                seen.add("opened");
            }

            @Override
            public void closed() {
                seen.add("closed");
            }
        });

        assertThat(seen).containsExactly("opened", "closed");
    }

    private static LoadSpec spec(int producers, int inFlight, double rate, long warmUpMs, long timeMs) {
        return new LoadSpec(
                "t",
                Payloads.generated(10, new SplittableRandom(1)),
                producers,
                inFlight,
                rate,
                SenderOptions.DEFAULTS,
                Duration.ofMillis(warmUpMs),
                Duration.ofMillis(timeMs));
    }
}
