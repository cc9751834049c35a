package io.gq.broker.host;

import io.gq.core.replication.ReplicatedGroup;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Which replicas here have caught up since they were opened. That a replica knows its leader says nothing about its log: whether that
 * diverges from the leader's, and has to be given up, shows only with the leader's appends. So each replica has to pass a read barrier
 * once. Then it has applied an entry of the leader's own term and everything that was committed when it asked. Safe for use by many
 * threads.
 */
public final class CatchUp {

    private static final Duration BARRIER_TIMEOUT = Duration.ofSeconds(5);
    private static final int ASKING_MAX = 64;

    private final Supplier<? extends Collection<? extends ReplicatedGroup>> open;
    private final Set<ReplicatedGroup> asking = ConcurrentHashMap.newKeySet();
    private final Set<ReplicatedGroup> caughtUp = ConcurrentHashMap.newKeySet();

    /** @param open the replicas that are open now; one that was opened anew is another object */
    public CatchUp(Supplier<? extends Collection<? extends ReplicatedGroup>> open) {
        this.open = open;
    }

    /** Asks for the replicas that are behind; to be called again and again. Waits for none. */
    public void ask() {
        Set<ReplicatedGroup> now = Set.copyOf(open.get());
        caughtUp.retainAll(now);
        for (ReplicatedGroup replica : now) {
            if (asking.size() >= ASKING_MAX) {
                return;
            }
            if (!caughtUp.contains(replica) && asking.add(replica)) {
                CompletableFuture<?> unused = replica.readBarrier(BARRIER_TIMEOUT)
                        .whenComplete((nothing, failure) -> {
                            if (failure == null) {
                                caughtUp.add(replica);
                            }
                            asking.remove(replica);
                        });
            }
        }
    }

    public boolean has(ReplicatedGroup replica) {
        return caughtUp.contains(replica);
    }
}
