package io.gq.client.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits between tries of one thing: each twice as long as the one before, up to a limit, minus up to a quarter by chance, so that
 * many clients do not come back together. Not thread-safe.
 */
public final class Backoff {

    private final RandomGenerator random;
    private final long firstNanos;
    private final long maxNanos;
    private int failures;

    public Backoff(RandomGenerator random, Duration first, Duration max) {
        this.random = random;
        this.firstNanos = first.toNanos();
        this.maxNanos = max.toNanos();
    }

    /** The wait before the next try; counts one more failure. */
    public long nextNanos() {
        long wait = failures >= 30 ? maxNanos : Math.min(maxNanos, firstNanos << failures);
        failures++;
        return Math.max(1, wait - random.nextLong(wait / 4 + 1));
    }

    /** Failures since the last success. */
    public int failures() {
        return failures;
    }

    /** To be called after a success. */
    public void reset() {
        failures = 0;
    }
}
