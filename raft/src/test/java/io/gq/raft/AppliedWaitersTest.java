package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class AppliedWaitersTest {

    private final AtomicLong applied = new AtomicLong(4);
    private final AppliedWaiters waiters = new AppliedWaiters(4);

    @Test
    void shouldCompleteOnceTheIndexIsApplied() {
        assertThat(waiters.await(4, applied::get)).isCompleted();
        CompletableFuture<Void> sixth = waiters.await(6, applied::get);
        CompletableFuture<Void> fifth = waiters.await(5, applied::get);
        apply(5);
        assertThat(fifth).isCompleted();
        assertThat(sixth).isNotDone();
        apply(7);
        assertThat(sixth).isCompleted();
        assertThat(waiters.await(7, applied::get)).isCompleted();
    }

    @Test
    void shouldSeeWhatIsAppliedWhileItBeginsToWait() throws Exception {
        Thread applying = new Thread(() -> apply(5));
        CompletableFuture<Void> before = waiters.await(5, () -> {
            long seen = applied.get();
            applying.start();
            await().until(() -> applied.get() == 5 && applying.getState() != Thread.State.RUNNABLE);
            return seen;
        });
        applying.join();
        assertThat(before).as("applied right after the look").isCompleted();
        CompletableFuture<Void> after = waiters.await(6, () -> {
            apply(6);
            return applied.get();
        });
        assertThat(after).as("applied right before the look").isCompleted();
        assertThat(waiters.await(6, applied::get)).isCompleted();
    }

    @Test
    void shouldFailWhoWaits() {
        CompletableFuture<Void> fifth = waiters.await(5, applied::get);
        waiters.fail(new IllegalStateException("closed"));
        assertThat(fifth).isCompletedExceptionally();
    }

    private void apply(long index) {
        applied.set(index);
        waiters.applied(index);
    }
}
