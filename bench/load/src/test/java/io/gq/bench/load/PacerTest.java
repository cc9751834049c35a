package io.gq.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacerTest {

    private static final long START = 5_000_000_000L;

    private long now = START;

    @Test
    void shouldSpaceRecordsEvenly() {
        Pacer pacer = new Pacer(() -> now, START, 1000, 0, 1);

        assertThat(pacer.due(0)).isEqualTo(START);
        assertThat(pacer.due(1)).isEqualTo(START + 1_000_000);
        assertThat(pacer.due(60_000)).isEqualTo(START + 60_000_000_000L);
    }

    @Test
    void shouldNotDriftWhenThePeriodIsNoWholeNumber() {
        Pacer pacer = new Pacer(() -> now, START, 3, 0, 1);

        assertThat(pacer.due(3_000_000)).isEqualTo(START + 1_000_000_000_000_000L);
    }

    @Test
    void shouldTakeTurnsWithOtherLanes() {
        List<Long> all = new ArrayList<>();
        for (long n = 0; n < 3; n++) {
            for (int lane = 0; lane < 2; lane++) {
                all.add(new Pacer(() -> now, START, 100, lane, 2).due(n) - START);
            }
        }

        assertThat(all).containsExactly(0L, 10_000_000L, 20_000_000L, 30_000_000L, 40_000_000L, 50_000_000L);
    }

    @Test
    void shouldKeepTheIntendedTimesOfRecordsHeldUpByAStall() {
        Pacer pacer = new Pacer(() -> now, START, 1000, 0, 1);
        now = START + 2_000_000_000L; // whatever came before took two seconds

        assertThat(pacer.await(0)).isEqualTo(START);
        assertThat(pacer.await(1)).isEqualTo(START + 1_000_000);
        assertThat(pacer.await(1999)).isEqualTo(START + 1_999_000_000L);
    }

    @Test
    void shouldTakeTheTimeOfTheTurnWhereThereIsNoRate() {
        Pacer pacer = new Pacer(() -> now, START, 0, 0, 1);
        now = START + 77;

        assertThat(pacer.await(12)).isEqualTo(START + 77);
    }
}
