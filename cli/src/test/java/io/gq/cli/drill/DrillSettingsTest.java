package io.gq.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrillSettingsTest {

    @Test
    void shouldWaitForNoMoreAcknowledgementsThanTheRateGives() {
        assertThat(settings(3, 1000, 0).acksWanted()).isEqualTo(50);
        assertThat(settings(3, 3, 0).acksWanted()).isEqualTo(5);
        assertThat(settings(100, 10, 0).acksWanted()).isEqualTo(1);
    }

    @Test
    void shouldWaitLongEnoughForThemWhenTheyComeSlowly() {
        assertThat(settings(3, 1000, 0).acksTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings(200, 1, 0).acksTimeout()).isEqualTo(Duration.ofSeconds(260));
    }

    @Test
    void shouldAskForNoMoreReplicasThanThereAreBrokersUnlessTold() {
        assertThat(settings(3, 1000, 0).replicasAmong(1)).isEqualTo(1);
        assertThat(settings(3, 1000, 0).replicasAmong(5)).isEqualTo(3);
        assertThat(settings(3, 1000, 4).replicasAmong(5)).isEqualTo(4);
    }

    private static Drill.Settings settings(int partitions, int rate, int replicas) {
        return new Drill.Settings(
                "t", partitions, replicas, 1, rate, Fault.KILL, Duration.ofSeconds(10), Duration.ZERO);
    }
}
