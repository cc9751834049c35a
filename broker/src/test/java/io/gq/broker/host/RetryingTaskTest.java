package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.ManualScheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RetryingTaskTest {

    private final ManualScheduler scheduler = new ManualScheduler();
    private final Queue<Runnable> executor = new ArrayDeque<>();
    private final AtomicInteger attempts = new AtomicInteger();
    private int failuresLeft;
    private final RetryingTask task = new RetryingTask("test", this::attempt, executor::add, scheduler);

    private void attempt() throws IOException {
        attempts.incrementAndGet();
        if (failuresLeft-- > 0) {
            throw new IOException("not yet");
        }
    }

    @Test
    void shouldRunOnceForManyQuestionsAtOnce() {
        task.ask();
        task.ask();
        task.ask();
        runAll();

        assertThat(attempts).hasValue(1);
    }

    @Test
    void shouldRunAgainWhenAskedWhileRunning() {
        RetryingTask[] self = new RetryingTask[1];
        self[0] = new RetryingTask(
                "test",
                () -> {
                    if (attempts.incrementAndGet() == 1) {
                        self[0].ask();
                    }
                },
                executor::add,
                scheduler);

        self[0].ask();
        runAll();

        assertThat(attempts).hasValue(2);
    }

    @Test
    void shouldTryAgainAfterGrowingPausesUntilItWorks() {
        failuresLeft = 2;

        task.ask();
        runAll();
        assertThat(attempts).hasValue(1);

        pass(Duration.ofMillis(200));
        assertThat(attempts).hasValue(2);

        pass(Duration.ofMillis(399));
        assertThat(attempts).hasValue(2);
        pass(Duration.ofMillis(1));
        assertThat(attempts).hasValue(3);

        pass(Duration.ofMinutes(1));
        assertThat(attempts).hasValue(3);
    }

    @Test
    void shouldNotBeginAfterStop() {
        failuresLeft = 1;
        task.ask();
        runAll();

        task.stop();
        pass(Duration.ofMinutes(1));
        task.ask();
        runAll();

        assertThat(attempts).hasValue(1);
    }

    private void pass(Duration time) {
        scheduler.advance(time);
        runAll();
    }

    private void runAll() {
        while (!executor.isEmpty()) {
            executor.remove().run();
        }
    }
}
