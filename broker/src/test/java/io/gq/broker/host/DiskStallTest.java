package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.raft.LogWrites;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DiskStallTest {

    private static final long START_MS = -7_000; // System.nanoTime may be negative

    private long nowMs = START_MS;
    private final DiskStall disk = new DiskStall(
            Duration.ofMillis(250),
            Duration.ofMillis(1000),
            Duration.ofMillis(START_MS).toNanos());

    @Test
    void shouldStallWhenWhatWaitsIsNotWrittenForTheLimit() {
        look(250, 5, true);
        assertThat(disk.slow()).as("first seen waiting").isFalse();
        look(250, 5, true);
        assertThat(disk.slow()).isTrue();
        look(250, 5, true);
        look(250, 5, true);
        assertThat(disk.stalled()).as("750 ms").isFalse();
        look(250, 5, true);
        assertThat(disk.stalled()).isTrue();

        look(250, 6, true);
        assertThat(disk.stalled()).isFalse();
        assertThat(disk.slow()).as("a moment ago").isTrue();
        look(250, 7, true);
        assertThat(disk.slow()).isTrue();
        look(250, 7, false);
        assertThat(disk.slow()).isFalse();
    }

    @Test
    void shouldNotStallWhenAnyLogGetsOnOrNothingWaits() {
        for (int i = 0; i < 20; i++) {
            look(250, i, true);
            assertThat(disk.slow()).as("busy").isFalse();
        }
        for (int i = 0; i < 20; i++) {
            look(250, 20, false);
            assertThat(disk.slow()).as("idle").isFalse();
        }
        look(250, 20, true);
        look(250, 20, false);
        look(250, 20, true);
        assertThat(disk.slow()).as("another one waits").isFalse();
    }

    @Test
    void shouldNotBlameTheDiskForItsOwnPause() {
        look(250, 5, true);
        look(10_000, 5, true);
        assertThat(disk.stalled()).isFalse();
        look(250, 5, true);
        look(250, 5, true);
        look(250, 5, true);
        assertThat(disk.stalled()).isFalse();
        look(250, 5, true);
        assertThat(disk.stalled()).isTrue();
    }

    private void look(long afterMs, long flushed, boolean waiting) {
        nowMs += afterMs;
        disk.look(new LogWrites(flushed, waiting), Duration.ofMillis(nowMs).toNanos());
    }
}
