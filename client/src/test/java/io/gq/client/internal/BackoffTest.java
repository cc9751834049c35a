package io.gq.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.Seeds;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void shouldDoubleUpToTheLimitWithJitterAndBeginAnewAfterSuccess() {
        Seeds.check(20, seeds -> {
            Backoff backoff = new Backoff(seeds.random(), Duration.ofMillis(20), Duration.ofMillis(100));

            for (int round = 0; round < 2; round++) {
                for (long ms : new long[] {20, 40, 80, 100, 100, 100}) {
                    assertThat(backoff.nextNanos()).isBetween(ms * 750_000, ms * 1_000_000);
                }
                assertThat(backoff.failures()).isEqualTo(6);
                backoff.reset();
            }
        });
    }

    @Test
    void shouldStayAtTheLimitHoweverManyFailures() {
        Backoff backoff = new Backoff(Seeds.of(3).random(), Duration.ofMillis(20), Duration.ofMillis(100));
        for (int i = 0; i < 200; i++) {
            assertThat(backoff.nextNanos()).isBetween(1L, 100_000_000L);
        }
    }
}
