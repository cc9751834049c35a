package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.ManualScheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RetryingTaskTest {

    private final ManualScheduler scheduler = new ManualScheduler();
    private final Queue<Runnable> executor = new ArrayDeque<>();
    private final AtomicInteger attempts = new AtomicInteger();
    private int failuresLeft;
    private final RetryingTask task = new RetryingTask("test", this::attempt, executor::add, scheduler);

    private CompletableFuture<?> attempt() {
        attempts.incrementAndGet();
        return failuresLeft-- > 0
                ? CompletableFuture.failedFuture(new IOException("not yet"))
                : CompletableFuture.completedFuture(null);
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
                    return CompletableFuture.completedFuture(null);
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
    void shouldTryAgainWhenAttemptThrowsAnError() {
        RetryingTask failing = new RetryingTask(
                "test",
                () -> {
                    attempts.incrementAndGet();
                    throw new AssertionError("a defect");
                },
                executor::add,
                scheduler);

        failing.ask();
        runAll();
        pass(Duration.ofMillis(200));

        assertThat(attempts).hasValue(2);
    }

    @Test
    void shouldBeginNoOtherAttemptWhileOneIsNotOver() {
        CompletableFuture<Void> first = new CompletableFuture<>();
        RetryingTask slow = new RetryingTask(
                "test",
                () -> {
                    attempts.incrementAndGet();
                    return first;
                },
                executor::add,
                scheduler);
        slow.ask();
        runAll();

        slow.ask();
        runAll();
        assertThat(attempts).hasValue(1);
        assertThat(executor).as("threads in use").isEmpty();

        first.complete(null);
        runAll();
        assertThat(attempts).hasValue(2);
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
