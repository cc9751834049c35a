package io.gq.raft;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a follower answer a heartbeat in the thread that read it. Ratis (3.3.0) answers all appends in a thread of the group, which is woken
 * up for every heartbeat of every group. An append with entries is answered there as before: the log's thread, which ends it, must never
 * wait for a lock of the group. So is a heartbeat while somebody changes the log, for its answer takes the log's lock.
 *
 * <p>It is put in Ratis' place past its visibility; where a later version has no such place, Ratis goes on as it does.
 */
final class HeartbeatReplies extends AbstractExecutorService {

    private static final Logger LOG = LoggerFactory.getLogger(HeartbeatReplies.class);

    /** A heartbeat. */
    interface Heartbeat<T> {
        T enter() throws IOException;
    }

    private static final ThreadLocal<Boolean> HEARTBEAT = ThreadLocal.withInitial(() -> false);

    private final ExecutorService pool;
    private final ReentrantReadWriteLock log;

    /**
     * @param pool for all else
     * @param log the lock under which the group's log changes
     */
    HeartbeatReplies(ExecutorService pool, ReentrantReadWriteLock log) {
        this.pool = pool;
        this.log = log;
    }

    /** Lets Ratis have the heartbeat; what it would run elsewhere for it runs here. */
    static <T> T here(Heartbeat<T> heartbeat) throws IOException {
        HEARTBEAT.set(true);
        try {
            return heartbeat.enter();
        } finally {
            HEARTBEAT.set(false);
        }
    }

    /** To be called before the group takes part in anything. */
    static void install(RaftServer.Division division) {
        try {
            ExecutorService pool = (ExecutorService) RatisInternals.value(division, "serverExecutor");
            ReentrantReadWriteLock lock = RatisInternals.lock(division.getRaftLog());
            RatisInternals.set(division, "serverExecutor", new HeartbeatReplies(pool, lock));
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn("Ratis answers heartbeats in threads of its own", e);
        }
    }

    @Override
    public void execute(Runnable task) {
        if (HEARTBEAT.get() && !log.isWriteLocked() && !pool.isShutdown()) {
            task.run();
        } else {
            pool.execute(task);
        }
    }

    @Override
    public void shutdown() {
        pool.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return pool.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return pool.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return pool.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return pool.awaitTermination(timeout, unit);
    }
}
