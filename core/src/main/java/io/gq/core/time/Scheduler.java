package io.gq.core.time;

import java.time.Duration;

/** Runs tasks later. Tasks must be short; a task that throws is logged and, where periodic, runs again. */
public interface Scheduler {

    /** Runs the task once after the delay. */
    Cancellable after(Duration delay, Runnable task);

    /** Runs the task again and again, with the delay between the end of a run and the start of the next. */
    Cancellable every(Duration delay, Runnable task);

    /** A task that can be called off; harmless after it ran. */
    interface Cancellable {
        void cancel();
    }
}
