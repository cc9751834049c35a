package io.gq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ByteRateTest {

    private long bytes = 5000;
    private long nanos = 77;
    private final ByteRate rate = new ByteRate(() -> bytes, () -> nanos);

    @Test
    void shouldSayWhatCameInASecondOverTheLastSamples() {
        assertThat(rate.bytesPerS()).isZero();

        seconds(4, 1000);
        assertThat(rate.bytesPerS()).isEqualTo(1000);

        seconds(6, 2000);
        assertThat(rate.bytesPerS()).isEqualTo(1600);
    }

    @Test
    void shouldBeZeroOnceNothingCameForSoLong() {
        seconds(3, 1 << 20);

        seconds(9, 0);
        assertThat(rate.bytesPerS()).isPositive();
        seconds(1, 0);
        assertThat(rate.bytesPerS()).isZero();
    }

    private void seconds(int count, int bytesEach) {
        for (int i = 0; i < count; i++) {
            bytes += bytesEach;
            nanos += TimeUnit.SECONDS.toNanos(1);
            rate.sample();
        }
    }
}
