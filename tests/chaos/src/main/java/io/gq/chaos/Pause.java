package io.gq.chaos;

import java.time.Duration;

/** Lets time pass: what a fault holds is held by the clock. */
final class Pause {

    private Pause() {}

    /** @throws IllegalStateException where the thread is interrupted: the run is over */
    static void of(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
