package io.gq.broker.grpc;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bound on bytes held. What is already here is charged even above the limit; who wants more waits until there is room. So the bound
 * may be exceeded by one message for each stream that waits. Safe for use by many threads.
 */
public final class ByteBudget {

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    public ByteBudget(long limit) {
        this.limit = limit;
    }

    public long used() {
        return used.get();
    }

    public long limit() {
        return limit;
    }

    public boolean hasRoom() {
        return used.get() < limit;
    }

    /** Counts bytes that are already held. */
    public void charge(long bytes) {
        used.addAndGet(bytes);
    }

    /** Counts bytes only where they fit, or where nothing else is held. */
    public boolean tryCharge(long bytes) {
        long before;
        do {
            before = used.get();
            if (before > 0 && before + bytes > limit) {
                return false;
            }
        } while (!used.compareAndSet(before, before + bytes));
        return true;
    }

    /** Gives bytes back, and runs those that wait where there is room then. */
    public void release(long bytes) {
        used.addAndGet(-bytes);
        wake();
    }

    /** Runs the task once as soon as there is room: on this thread at once, or on the one that makes room. */
    public void whenRoom(Runnable task) {
        waiting.add(task);
        wake(); // room may have come between the caller's look and the line above
    }

    private void wake() {
        while (hasRoom()) {
            Runnable task = waiting.poll();
            if (task == null) {
                return;
            }
            task.run();
        }
    }
}
