package io.gq.broker.grpc;

import io.gq.core.Invariant;
import io.gq.core.service.TopicSpec;
import java.util.concurrent.ConcurrentHashMap;

/** A byte budget for each partition that has bytes in flight, and only for those: names that clients make up leave nothing behind. */
final class PartitionBudgets {

    /** A partition as a request names it. */
    record Key(String topic, int partition) {
        static Key of(TopicSpec topic, int partition) {
            return new Key(topic.toString(), partition);
        }
    }

    private final long limit;
    private final ConcurrentHashMap<Key, ByteBudget> budgets = new ConcurrentHashMap<>();

    PartitionBudgets(long limit) {
        this.limit = limit;
    }

    /** Charges the partition and returns its budget, to wait for room there. */
    ByteBudget charge(Key key, long bytes) {
        ByteBudget budget = budgets.compute(key, (k, existing) -> {
            ByteBudget b = existing == null ? new ByteBudget(limit) : existing;
            b.charge(bytes);
            return b;
        });
        return budget;
    }

    void release(Key key, long bytes) {
        ByteBudget budget = budgets.get(key);
        Invariant.check(budget != null, "budget of %s: none (expected: charged)", key);
        // those who wait run here, outside the map's own locks
        budget.release(bytes);
        budgets.computeIfPresent(key, (k, b) -> b.used() == 0 ? null : b);
    }

    int size() {
        return budgets.size();
    }
}
