package io.gq.partition.log;

import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How the logs of one disk reach it. Each log has a {@link WriteQueue} of its own, worked off by the thread that needs it empty (the
 * Raft log's, before it writes its headers): a write takes no hand-off to another thread, and the busier a log, the more of its writes
 * share a sync. Work that nobody waits for is run by the executor.
 *
 * <p>One made by {@link #syncingBehind} tells the writes without syncing, and syncs a while later: what it told of survives the end of
 * the process, not that of the machine.
 */
public final class DiskFlusher {

    private final Executor tasks;
    private final @Nullable SyncBehind behind;

    /** @param tasks runs what nobody waits for, such as deleting files */
    public DiskFlusher(Executor tasks) {
        this(tasks, null);
    }

    private DiskFlusher(Executor tasks, @Nullable SyncBehind behind) {
        this.tasks = tasks;
        this.behind = behind;
    }

    /**
     * A flusher whose writes are done when they are written.
     *
     * @param interval how long after a write its file is synced, at the latest
     */
    public static DiskFlusher syncingBehind(Executor tasks, Scheduler scheduler, Duration interval) {
        return new DiskFlusher(tasks, new SyncBehind(scheduler, tasks, interval));
    }

    WriteQueue newQueue() {
        return new WriteQueue(tasks, behind == null);
    }

    /** Whether writes are told before they are synced. */
    boolean syncsBehind() {
        return behind != null;
    }

    /** Where writes are told before they are synced: runs the log's own sync in a while, once however often it is asked for. */
    void syncSoon(Runnable sync) {
        if (behind != null) {
            behind.soon(sync);
        }
    }
}
