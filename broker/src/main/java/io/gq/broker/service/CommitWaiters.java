package io.gq.broker.service;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Long polls of one partition that wait for its high watermark to move. Calling is on the apply thread: waiters must only hand over. Safe
 * for use by many threads.
 */
public final class CommitWaiters {

    private final Set<Runnable> waiters = ConcurrentHashMap.newKeySet();

    /** Calls the waiter at each commit until it is removed. The caller looks once more after adding, lest a commit slipped in between. */
    public void add(Runnable waiter) {
        waiters.add(waiter);
    }

    public void remove(Runnable waiter) {
        waiters.remove(waiter);
    }

    /** The high watermark moved, or the replica is closing. */
    public void wake() {
        waiters.forEach(Runnable::run);
    }
}
