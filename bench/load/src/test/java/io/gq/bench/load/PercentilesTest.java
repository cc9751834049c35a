package io.gq.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PercentilesTest {

    private final LatencyHistogram first = new LatencyHistogram();
    private final LatencyHistogram second = new LatencyHistogram();

    @Test
    void shouldReportPercentilesOfAllProducersTogether() {
        for (int ms = 1; ms <= 1000; ms++) {
            (ms % 2 == 0 ? first : second).record(ms * 1_000_000L);
        }

        Percentiles percentiles = LatencyHistogram.merged(List.of(first, second));

        assertThat(percentiles.count()).isEqualTo(1000);
        assertThat(percentiles.p50()).isCloseTo(500, within(1.0));
        assertThat(percentiles.p99()).isCloseTo(990, within(2.0));
        assertThat(percentiles.p999()).isCloseTo(999, within(2.0));
        assertThat(percentiles.max()).isCloseTo(1000, within(2.0));
    }

    @Test
    void shouldHoldWhatLiesOutsideOfItsRange() {
        first.record(-5);
        first.record(Long.MAX_VALUE);

        Percentiles percentiles = LatencyHistogram.merged(List.of(first));

        assertThat(percentiles.count()).isEqualTo(2);
        assertThat(percentiles.max()).isCloseTo(600_000, within(1000.0));
    }

    @Test
    void shouldReportZerosWhereNothingWasMeasured() {
        assertThat(LatencyHistogram.merged(List.of()).json())
                .containsEntry("count", 0L)
                .containsEntry("p50", 0.0)
                .containsEntry("max", 0.0);
    }

    @Test
    void shouldNameAndRoundForJson() {
        assertThat(new Percentiles(7, 1.23456, 2, 3, 4).json())
                .containsExactly(
                        entry("count", 7L),
                        entry("p50", 1.235),
                        entry("p99", 2.0),
                        entry("p999", 3.0),
                        entry("max", 4.0));
    }
}
