package io.gq.client.producer;

import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The bytes a producer may hold. Whoever finds no room waits, first come, first served. Safe for use by many threads. */
final class BufferMemory {

    private final long capacity;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private long used;
    private boolean closed;

    BufferMemory(long capacity) {
        this.capacity = capacity;
    }

    /**
     * Takes bytes, waiting for at most {@code maxNanos}. What is larger than the whole buffer is let in when the buffer is empty.
     *
     * @throws GqException THROTTLED where no room came in time; nothing is taken then
     */
    void take(long bytes, long maxNanos) {
        lock.lock();
        try {
            long left = maxNanos;
            while (!closed && used > 0 && used + bytes > capacity) {
                if (left <= 0) {
                    throw new GqException(
                                    ErrorCode.THROTTLED,
                                    "buffer: " + used + " of " + capacity + " bytes unacknowledged for "
                                            + TimeUnit.NANOSECONDS.toMillis(maxNanos) + " ms (expected: room for "
                                            + bytes + ")")
                            .atDeadline();
                }
                left = freed.awaitNanos(left);
            }
            used += bytes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GqException(ErrorCode.THROTTLED, "buffer: interrupted while waiting for room", e);
        } finally {
            lock.unlock();
        }
    }

    void give(long bytes) {
        lock.lock();
        try {
            used -= bytes;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody waits any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
