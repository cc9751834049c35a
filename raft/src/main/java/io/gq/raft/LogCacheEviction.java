package io.gq.raft;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.AwaitForSignal;
import org.apache.ratis.util.AwaitToRun;
import org.apache.ratis.util.Daemon;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a group's log forget entries that were written, as Ratis does, by a thread that can be ended. Ratis' own (3.3.0) waits for the
 * log's lock where nothing wakes it, and who closes the log holds that lock while it waits for the thread to end: a group that was
 * closed in that moment never closed, and was never opened again.
 *
 * <p>It is put in Ratis' place past its visibility; where a later version has no such place, Ratis goes on as it does.
 */
final class LogCacheEviction implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(LogCacheEviction.class);

    private final AwaitForSignal signal;
    private final ReentrantReadWriteLock.WriteLock lock;
    private final BooleanSupplier tooLarge;
    private final Runnable evict;

    LogCacheEviction(
            AwaitForSignal signal, ReentrantReadWriteLock.WriteLock lock, BooleanSupplier tooLarge, Runnable evict) {
        this.signal = signal;
        this.lock = lock;
        this.tooLarge = tooLarge;
        this.evict = evict;
    }

    /** To be called before the group takes part in anything. */
    static void install(RaftServer.Division division) {
        try {
            RaftLog log = division.getRaftLog();
            AwaitToRun place = (AwaitToRun) value(log, log.getClass(), "cacheEviction");
            AwaitForSignal signal = (AwaitForSignal) value(place, AwaitToRun.class, "awaitForSignal");
            ReentrantReadWriteLock lock =
                    (ReentrantReadWriteLock) value(log, log.getClass().getSuperclass(), "lock");
            Object cache = value(log, log.getClass(), "cache");
            Method tooLarge = method(cache, "shouldEvict");
            Method evict = method(log, "checkAndEvictCache");
            Daemon ours = Daemon.newBuilder()
                    .setName(place + "-of-gq")
                    .setRunnable(new LogCacheEviction(
                            signal, lock.writeLock(), () -> (Boolean) call(tooLarge, cache), () -> call(evict, log)))
                    .build();
            @SuppressWarnings("unchecked")
            AtomicReference<Daemon> running = (AtomicReference<Daemon>) value(place, AwaitToRun.class, "daemon");
            place.close(); // nobody holds the log's lock yet
            running.set(ours);
            ours.start();
            if (!log.isOpened()) {
                ours.interrupt(); // closed between the two
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn("Ratis keeps its own eviction: a group that is closed may hang", e);
        }
    }

    private static Object value(Object owner, Class<?> declaring, String name) throws ReflectiveOperationException {
        Field field = declaring.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    private static Method method(Object owner, String name) throws ReflectiveOperationException {
        Method method = owner.getClass().getDeclaredMethod(name);
        method.setAccessible(true);
        return method;
    }

    private static Object call(Method method, Object owner) {
        try {
            return method.invoke(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void run() {
        try {
            while (true) {
                signal.await();
                try {
                    if (tooLarge.getAsBoolean()) {
                        cutDown();
                    }
                } catch (RuntimeException e) {
                    LOG.error("cache of the log could not be cut down signal={}", signal, e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the log closes
        }
    }

    private void cutDown() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            evict.run();
        } finally {
            lock.unlock();
        }
    }
}
