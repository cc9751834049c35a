package io.gq.testing;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Runs tasks when its time is advanced, in the order they are due and, where due together, in the order they were given. Tasks run
 * in the thread that advances. What tasks throw is kept in {@link #failures}. Safe for use by many threads.
 */
public final class ManualScheduler implements Scheduler {

    private final ManualClock clock;
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::dueNanos).thenComparingLong(Task::order));
    private final List<RuntimeException> failures = new ArrayList<>();
    private long nowNanos;
    private long given;

    public ManualScheduler() {
        this(new ManualClock());
    }

    /** @param clock moved together with this scheduler's time */
    public ManualScheduler(ManualClock clock) {
        this.clock = clock;
    }

    public ManualClock clock() {
        return clock;
    }

    @Override
    public Cancellable after(Duration delay, Runnable task) {
        return schedule(new Task(task, -1), delay.toNanos());
    }

    @Override
    public Cancellable every(Duration delay, Runnable task) {
        if (delay.isNegative() || delay.isZero()) {
            throw new IllegalArgumentException("delay: " + delay + " (expected: > 0)");
        }
        return schedule(new Task(task, delay.toNanos()), delay.toNanos());
    }

    /** Moves time on, stopping at each task that becomes due and running it; tasks due at the end included. */
    public void advance(Duration by) {
        long end;
        synchronized (this) {
            end = nowNanos + by.toNanos();
        }
        boolean more = true;
        while (more) {
            more = runNext(end);
        }
        moveTo(end);
    }

    /** Runs what is due now. */
    public void runDue() {
        advance(Duration.ZERO);
    }

    /** Moves to the next task's time and runs it; false where there is none. */
    public boolean step() {
        return runNext(Long.MAX_VALUE);
    }

    /** How many tasks wait. */
    public synchronized int pending() {
        return tasks.size();
    }

    /** What tasks threw, oldest first. */
    public synchronized List<RuntimeException> failures() {
        return List.copyOf(failures);
    }

    private synchronized Cancellable schedule(Task task, long delayNanos) {
        task.dueNanos = nowNanos + Math.max(0, delayNanos);
        task.order = given++;
        tasks.add(task);
        return () -> cancel(task);
    }

    private synchronized void cancel(Task task) {
        task.cancelled = true;
        tasks.remove(task);
    }

    private boolean runNext(long endNanos) {
        Task task;
        synchronized (this) {
            task = tasks.peek();
            if (task == null || task.dueNanos > endNanos) {
                return false;
            }
            tasks.remove(task);
            moveTo(Math.max(nowNanos, task.dueNanos));
        }
        try {
            task.work.run();
        } catch (RuntimeException e) {
            synchronized (this) {
                failures.add(e);
            }
        }
        synchronized (this) {
            if (task.everyNanos > 0 && !task.cancelled) {
                schedule(task, task.everyNanos);
            }
        }
        return true;
    }

    private synchronized void moveTo(long nanos) {
        clock.advance(Duration.ofNanos(nanos - nowNanos));
        nowNanos = nanos;
    }

    private static final class Task {
        final Runnable work;
        final long everyNanos;
        long dueNanos;
        long order;
        boolean cancelled;

        Task(Runnable work, long everyNanos) {
            this.work = work;
            this.everyNanos = everyNanos;
        }

        long dueNanos() {
            return dueNanos;
        }

        long order() {
            return order;
        }
    }
}
