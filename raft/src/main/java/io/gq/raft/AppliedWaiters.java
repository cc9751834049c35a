package io.gq.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/** Those who wait until this replica has applied an index. Costs the applying thread one read of a field where nobody waits. */
final class AppliedWaiters {

    private final TreeMap<Long, CompletableFuture<Void>> waiting = new TreeMap<>();
    private volatile long lowest = Long.MAX_VALUE;
    private long applied;

    AppliedWaiters(long applied) {
        this.applied = applied;
    }

    /**
     * Completes when the index is applied, on the thread that applies it; shared by all who wait for the same index.
     *
     * @param appliedNow asked after it shows here that somebody waits: what is applied before that is seen, what is applied after it is told
     */
    synchronized CompletableFuture<Void> await(long index, LongSupplier appliedNow) {
        lowest = Math.min(lowest, index);
        applied = Math.max(applied, appliedNow.getAsLong());
        if (index <= applied) {
            lowest = waiting.isEmpty() ? Long.MAX_VALUE : waiting.firstKey();
            return CompletableFuture.completedFuture(null);
        }
        return waiting.computeIfAbsent(index, missing -> new CompletableFuture<>());
    }

    /** Called after the new index is visible to those who begin to wait. */
    void applied(long index) {
        if (index < lowest) {
            return;
        }
        List<CompletableFuture<Void>> due = new ArrayList<>();
        synchronized (this) {
            applied = Math.max(applied, index);
            while (!waiting.isEmpty() && waiting.firstKey() <= applied) {
                due.add(waiting.pollFirstEntry().getValue());
            }
            lowest = waiting.isEmpty() ? Long.MAX_VALUE : waiting.firstKey();
        }
        due.forEach(waiter -> waiter.complete(null));
    }

    void fail(Throwable cause) {
        List<CompletableFuture<Void>> all;
        synchronized (this) {
            all = List.copyOf(waiting.values());
            waiting.clear();
            lowest = Long.MAX_VALUE;
        }
        all.forEach(waiter -> waiter.completeExceptionally(cause));
    }
}
