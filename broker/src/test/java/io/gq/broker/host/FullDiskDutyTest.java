package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.ManualScheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class FullDiskDutyTest {

    private final ManualScheduler scheduler = new ManualScheduler();
    private final Deque<Runnable> background = new ArrayDeque<>();
    private final AtomicBoolean full = new AtomicBoolean();
    private final AtomicInteger rounds = new AtomicInteger();
    private final FullDiskDuty duty = new FullDiskDuty(full::get, rounds::incrementAndGet, scheduler, background::add);

    @Test
    void shouldHandOverAgainAndAgainWhileTheDiskIsFull() {
        duty.start();
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(background).as("there is room").isEmpty();

        full.set(true);
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(background).as("one round at a time").hasSize(1);
        background.remove().run();
        scheduler.advance(Duration.ofSeconds(1));
        background.remove().run();
        assertThat(rounds).hasValue(2);

        duty.stop();
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(background).isEmpty();
    }
}
