package io.gq.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualTimeTest {

    private final ManualScheduler scheduler = new ManualScheduler();
    private final List<String> ran = new ArrayList<>();

    @Test
    void shouldRunTasksInOrderOfTheirTimeWhenAdvanced() {
        scheduler.after(Duration.ofSeconds(2), () -> ran.add("second at " + now()));
        scheduler.after(Duration.ofSeconds(1), () -> ran.add("first at " + now()));
        scheduler.after(Duration.ofSeconds(2), () -> ran.add("third at " + now()));

        scheduler.advance(Duration.ofMillis(1_999));
        assertThat(ran).containsExactly("first at PT1S");
        scheduler.advance(Duration.ofMillis(1));
        assertThat(ran).containsExactly("first at PT1S", "second at PT2S", "third at PT2S");
        assertThat(scheduler.pending()).isZero();
    }

    @Test
    void shouldRepeatUntilCancelled() {
        Scheduler.Cancellable task = scheduler.every(Duration.ofSeconds(1), () -> ran.add(now()));

        scheduler.advance(Duration.ofMillis(3_500));
        task.cancel();
        scheduler.advance(Duration.ofSeconds(5));

        assertThat(ran).containsExactly("PT1S", "PT2S", "PT3S");
    }

    @Test
    void shouldStopWhenATaskCancelsItself() {
        Scheduler.Cancellable[] task = new Scheduler.Cancellable[1];
        task[0] = scheduler.every(Duration.ofSeconds(1), () -> {
            ran.add(now());
            task[0].cancel();
        });

        scheduler.advance(Duration.ofSeconds(5));

        assertThat(ran).hasSize(1);
        assertThat(scheduler.pending()).isZero();
    }

    @Test
    void shouldGoOnWhenATaskThrows() {
        scheduler.every(Duration.ofSeconds(1), () -> {
            throw new IllegalStateException("broken");
        });

        scheduler.advance(Duration.ofSeconds(2));

        assertThat(scheduler.failures()).hasSize(2).allMatch(e -> "broken".equals(e.getMessage()));
    }

    @Test
    void shouldRunTasksGivenByTasks() {
        scheduler.after(Duration.ofSeconds(1), () -> scheduler.after(Duration.ofSeconds(1), () -> ran.add(now())));

        scheduler.advance(Duration.ofSeconds(2));

        assertThat(ran).containsExactly("PT2S");
    }

    @Test
    void shouldStepFromTaskToTask() {
        scheduler.after(Duration.ofHours(1), () -> ran.add(now()));
        scheduler.after(Duration.ZERO, () -> ran.add(now()));

        scheduler.runDue();
        assertThat(ran).containsExactly("PT0S");
        assertThat(scheduler.step()).isTrue();
        assertThat(ran).containsExactly("PT0S", "PT1H");
        assertThat(scheduler.step()).isFalse();
    }

    @Test
    void shouldRefuseARepetitionWithoutDelay() {
        assertThatThrownBy(() -> scheduler.every(Duration.ZERO, () -> {})).hasMessageContaining("delay");
    }

    @Test
    void shouldMoveTheClockOnlyWhenTold() {
        ManualClock clock = new ManualClock(Instant.EPOCH);
        clock.advance(Duration.ofSeconds(1));
        assertThat(clock.millis()).isEqualTo(1_000);
        clock.set(Instant.EPOCH);
        assertThat(clock.instant()).isEqualTo(Instant.EPOCH);
    }

    private String now() {
        return Duration.between(ManualClock.START, scheduler.clock().instant()).toString();
    }
}
