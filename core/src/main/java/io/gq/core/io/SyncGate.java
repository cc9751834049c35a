package io.gq.core.io;

import java.io.IOException;
import java.util.concurrent.Semaphore;

/**
 * Lets few syncs be under way at a time, in the order they come. Linux' writeback throttling admits a handful of buffered writes to a
 * device at a time, and a sync writes buffered: where hundreds of threads sync, they wait there for each other, each woken one in need
 * of a processor before the next can go (docs/design/0009). Those who wait here hold nothing of the kernel's. Safe for use by many
 * threads; not reentrant.
 */
public final class SyncGate {

    /** An action that syncs. */
    @FunctionalInterface
    public interface Sync {
        void run() throws IOException;
    }

    private final Semaphore free;

    /** @param syncsMax under way at a time, at least 1 */
    public SyncGate(int syncsMax) {
        if (syncsMax < 1) {
            throw new IllegalArgumentException("syncsMax: " + syncsMax + " (expected: >= 1)");
        }
        free = new Semaphore(syncsMax, true);
    }

    public void pass(Sync sync) throws IOException {
        enter();
        try {
            sync.run();
        } finally {
            leave();
        }
    }

    /** Waits for a turn, whatever interrupts; {@link #leave} must follow. */
    public void enter() {
        free.acquireUninterruptibly();
    }

    public void leave() {
        free.release();
    }
}
