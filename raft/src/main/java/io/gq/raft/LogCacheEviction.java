package io.gq.raft;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.AwaitToRun;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a group's log forget entries that were written, as Ratis does, but in a pool of all groups and only where there is something to
 * forget. Ratis' own (3.3.0) has a thread for each group, which waits for the log's lock where nothing wakes it; and who closes the log
 * holds that lock while it waits for the thread to end: a group that was closed in that moment never closed, and was never opened again.
 *
 * <p>It is put in Ratis' place past its visibility; where a later version has no such place, Ratis goes on as it does.
 */
final class LogCacheEviction extends AwaitToRun {

    private static final Logger LOG = LoggerFactory.getLogger(LogCacheEviction.class);

    private final ReentrantReadWriteLock.WriteLock lock;
    private final BooleanSupplier tooLarge;
    private final Runnable evict;
    private final Executor executor;
    private final AtomicBoolean handed = new AtomicBoolean();
    /** Set by who holds the lock. */
    private volatile boolean closed;

    /**
     * @param lock under which the log changes and is closed
     * @param tooLarge quick, asked with or without the lock
     * @param evict run under the lock
     * @param executor for tasks that wait for the lock
     */
    LogCacheEviction(
            Object name,
            ReentrantReadWriteLock.WriteLock lock,
            BooleanSupplier tooLarge,
            Runnable evict,
            Executor executor) {
        super(name, () -> {});
        this.lock = lock;
        this.tooLarge = tooLarge;
        this.evict = evict;
        this.executor = executor;
    }

    /** To be called before the group takes part in anything. */
    static void install(RaftServer.Division division, Executor executor) {
        try {
            RaftLog log = division.getRaftLog();
            AwaitToRun before = (AwaitToRun) RatisInternals.value(log, "cacheEviction");
            Object cache = RatisInternals.value(log, "cache");
            Method tooLarge = RatisInternals.method(cache, "shouldEvict");
            Method evict = RatisInternals.method(log, "checkAndEvictCache");
            LogCacheEviction ours = new LogCacheEviction(
                    before,
                    RatisInternals.lock(log).writeLock(),
                    () -> (Boolean) RatisInternals.call(tooLarge, cache),
                    () -> RatisInternals.call(evict, log),
                    executor);
            RatisInternals.set(log, "cacheEviction", ours);
            before.close(); // nobody holds the log's lock yet
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn("Ratis keeps its own eviction: a group that is closed may hang", e);
        }
    }

    @Override
    public AwaitToRun start() {
        return this;
    }

    @Override
    public void signal() {
        if (!closed && tooLarge.getAsBoolean() && handed.compareAndSet(false, true)) {
            boolean taken = false;
            try {
                executor.execute(this::cutDown);
                taken = true;
            } catch (RejectedExecutionException e) {
                LOG.debug("not cut down, the process is stopping log={}", this);
            } finally {
                if (!taken) {
                    handed.set(false);
                }
            }
        }
    }

    private void cutDown() {
        lock.lock();
        try {
            handed.set(false);
            if (!closed) {
                evict.run();
            }
        } catch (RuntimeException e) {
            LOG.error("cache of the log could not be cut down log={}", this, e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
