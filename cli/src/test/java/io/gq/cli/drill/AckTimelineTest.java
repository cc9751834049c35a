package io.gq.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AckTimelineTest {

    private final AckTimeline timeline = new AckTimeline(2);

    @Test
    void shouldMeasureGapAroundKill() {
        for (long ns : new long[] {10, 20, 30, 730, 740}) {
            timeline.acknowledged(0, ns, ns);
        }

        assertThat(timeline.longestGap(0, 35, 745)).isEqualTo(new AckTimeline.Gap(30, 730));
        assertThat(timeline.longestGap(0, 35, 745).ns()).isEqualTo(700);
        assertThat(timeline.countAfter(0, 35)).isEqualTo(2);
    }

    @Test
    void shouldReachToTheEndWhenPartitionStaysSilent() {
        timeline.acknowledged(0, 10, 10);

        assertThat(timeline.longestGap(0, 20, 510).ns()).isEqualTo(500);
        assertThat(timeline.longestGap(1, 20, 510).ns())
                .as("never acknowledged")
                .isEqualTo(490);
    }

    @Test
    void shouldIgnoreGapsOutsideOfTheWindow() {
        for (long ns : new long[] {10, 500, 510, 520, 2_000}) {
            timeline.acknowledged(0, ns, ns);
        }

        assertThat(timeline.longestGap(0, 505, 525).ns()).isEqualTo(10);
    }

    @Test
    void shouldSortTimesThatCameOutOfOrder() {
        timeline.acknowledged(0, 30, 30);
        timeline.acknowledged(0, 10, 10);
        timeline.acknowledged(0, 20, 20);

        assertThat(timeline.longestGap(0, 5, 30).ns()).isEqualTo(10);
    }

    @Test
    void shouldTellWhenARecordOrALaterOneCameFirst() {
        timeline.acknowledged(0, 7, 10);
        timeline.acknowledged(0, 9, 30);
        timeline.acknowledged(0, 8, 20);

        assertThat(timeline.firstSince(0, 8)).hasValue(20);
        assertThat(timeline.firstSince(0, 10)).isEmpty();
        assertThat(timeline.firstSince(1, 0)).isEmpty();
    }

    @Test
    void shouldGrow() {
        for (int i = 0; i < 5_000; i++) {
            timeline.acknowledged(1, i, i);
        }

        assertThat(timeline.countAfter(1, 999)).isEqualTo(4_000);
    }
}
