package io.gq.partition.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RetentionPolicyTest {

    private static final List<SegmentInfo> SEGMENTS = List.of(
            new SegmentInfo(0, 10, 100, 1000, false),
            new SegmentInfo(10, 20, 100, 2000, false),
            new SegmentInfo(20, 30, 100, 3000, true));

    @Test
    void shouldKeepEverythingWithoutLimits() {
        assertThat(start(-1, -1, 0, 30, Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void shouldDropSegmentsThatAreTooOldAsAWhole() {
        assertThat(start(500, -1, 0, 30, 1500)).isEmpty();
        assertThat(start(500, -1, 0, 30, 1501)).hasValue(10);
        assertThat(start(500, -1, 0, 30, 2600)).hasValue(20);
        assertThat(start(500, -1, 0, 30, 3501)).hasValue(30);
    }

    @Test
    void shouldDropTheOldestWhereTheOthersHoldEnough() {
        assertThat(start(-1, 201, 0, 30, 0)).isEmpty();
        assertThat(start(-1, 200, 0, 30, 0)).hasValue(10);
        assertThat(start(-1, 0, 0, 30, 0)).hasValue(20);
    }

    @Test
    void shouldNeverPassTheHighWatermark() {
        assertThat(start(0, -1, 0, 15, Long.MAX_VALUE)).hasValue(10);
    }

    @Test
    void shouldNotCountWhatIsTrimmedAlready() {
        assertThat(start(-1, 150, 10, 30, 0)).isEmpty();
        assertThat(start(500, -1, 20, 30, 3000)).isEmpty();
    }

    @Test
    void shouldRefuseSenselessLimits() {
        assertThatThrownBy(() -> new RetentionPolicy(-2, 0)).hasMessageContaining("retentionMs: -2");
        assertThatThrownBy(() -> new RetentionPolicy(0, -2)).hasMessageContaining("retentionBytes: -2");
        assertThatThrownBy(() -> new LogConfig(0, 1, 0, 0, true)).hasMessageContaining("segmentBytes: 0");
    }

    private static OptionalLong start(long ms, long bytes, long startOffset, long highWatermark, long nowMs) {
        return new RetentionPolicy(ms, bytes).newStartOffset(SEGMENTS, startOffset, highWatermark, nowMs);
    }
}
