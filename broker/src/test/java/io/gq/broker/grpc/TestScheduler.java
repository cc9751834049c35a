package io.gq.broker.grpc;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Runs what is to be repeated when the test says so. */
final class TestScheduler implements Scheduler {

    private final List<Runnable> repeated = new CopyOnWriteArrayList<>();

    void runRepeated() {
        repeated.forEach(Runnable::run);
    }

    @Override
    public Cancellable after(Duration delay, Runnable task) {
        throw new UnsupportedOperationException("after");
    }

    @Override
    public Cancellable every(Duration delay, Runnable task) {
        repeated.add(task);
        return () -> repeated.remove(task);
    }
}
