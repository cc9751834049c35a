package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.GroupId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class DiskStallTest {

    private static final GroupId A = new GroupId(new UUID(0, 1));
    private static final GroupId B = new GroupId(new UUID(0, 2));
    private static final long START_MS = -7_000; // System.nanoTime may be negative

    private long nowMs = START_MS;
    private final DiskStall disk = new DiskStall(
            Duration.ofMillis(250),
            Duration.ofMillis(1000),
            Duration.ofMillis(START_MS).toNanos());

    @Test
    void shouldStallWhenWhatWaitsIsNotWrittenForTheLimit() {
        look(250, Map.of(A, 5L));
        assertThat(disk.slow()).as("first seen waiting").isFalse();
        look(250, Map.of(A, 5L));
        assertThat(disk.slow()).isTrue();
        look(250, Map.of(A, 5L));
        look(250, Map.of(A, 5L));
        assertThat(disk.stalled()).as("750 ms").isFalse();
        look(250, Map.of(A, 5L));
        assertThat(disk.stalled()).isTrue();

        look(250, Map.of(A, 6L));
        assertThat(disk.stalled()).isFalse();
        assertThat(disk.slow()).as("a moment ago").isTrue();
        look(250, Map.of(A, 7L));
        assertThat(disk.slow()).isTrue();
        look(250, Map.of());
        assertThat(disk.slow()).isFalse();
    }

    @Test
    void shouldNotStallWhenAnyLogGetsOnOrNothingWaits() {
        for (long i = 0; i < 20; i++) {
            look(250, Map.of(A, i, B, 3L));
            assertThat(disk.slow()).as("one log is stuck, the other is not").isFalse();
        }
        for (int i = 0; i < 20; i++) {
            look(250, Map.of());
            assertThat(disk.slow()).as("idle").isFalse();
        }
        look(250, Map.of(A, 20L));
        look(250, Map.of());
        look(250, Map.of(A, 20L));
        assertThat(disk.slow()).as("it waits again").isFalse();
        look(250, Map.of(B, 4L));
        assertThat(disk.slow()).as("it got on, or was closed").isFalse();
    }

    /** What these wrote is in the page cache. */
    @Test
    void shouldNotTakeLogsThatComeToWaitForOnesThatGetOn() {
        Map<GroupId, Long> waiting = new HashMap<>();
        for (int i = 0; i <= 4; i++) {
            waiting.put(new GroupId(new UUID(0, i)), 1L);
            look(250, Map.copyOf(waiting));
        }
        assertThat(disk.stalled()).isTrue();
    }

    @Test
    void shouldNotBlameTheDiskForItsOwnPause() {
        look(250, Map.of(A, 5L));
        look(10_000, Map.of(A, 5L));
        assertThat(disk.stalled()).isFalse();
        look(250, Map.of(A, 5L));
        look(250, Map.of(A, 5L));
        look(250, Map.of(A, 5L));
        assertThat(disk.stalled()).isFalse();
        look(250, Map.of(A, 5L));
        assertThat(disk.stalled()).isTrue();
    }

    private void look(long afterMs, Map<GroupId, Long> waiting) {
        nowMs += afterMs;
        disk.look(waiting, nanos());
    }

    private long nanos() {
        return Duration.ofMillis(nowMs).toNanos();
    }
}
