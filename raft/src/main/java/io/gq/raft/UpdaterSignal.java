package io.gq.raft;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.AwaitForSignal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a group's applying thread waits at. Ratis' own (3.3.0) forgets a signal that comes between the thread's look at the commit index and
 * its wait, and then the entry is applied 100 ms later, when it looks by itself; and each group's thread wakes up ten times a second for
 * nothing. This one keeps the signal until it is waited for, and so need not look often.
 *
 * <p>It is put in Ratis' place past its visibility; where a later version has no such place, Ratis goes on as it does.
 */
final class UpdaterSignal extends AwaitForSignal {

    private static final Logger LOG = LoggerFactory.getLogger(UpdaterSignal.class);

    /** A thread that still signals the old one is not missed for longer than Ratis would miss it. */
    private static final int SHORT_WAITS = 20;

    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition condition = lock.newCondition();
    private boolean signalled;
    private int waits;

    UpdaterSignal(Object name) {
        super(name);
    }

    /**
     * To be called before the group takes part in anything.
     *
     * @return empty where Ratis keeps its own
     */
    static Optional<UpdaterSignal> install(RaftServer.Division division) {
        try {
            Object state = RatisInternals.value(division, "state");
            Object applying = RatisInternals.call(RatisInternals.method(state, "getStateMachineUpdater"), state);
            UpdaterSignal signal = new UpdaterSignal(division.getMemberId());
            RatisInternals.set(applying, "awaitForSignal", signal);
            return Optional.of(signal);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn("Ratis keeps its own signal: its applying thread looks ten times a second", e);
            return Optional.empty();
        }
    }

    @Override
    public void await() throws InterruptedException {
        lock.lock();
        try {
            while (!signalled) {
                condition.await();
            }
            signalled = false;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for longer than asked for: whoever changes what is waited for signals. */
    @Override
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
        lock.lock();
        try {
            long left = unit.toNanos(time);
            if (waits < SHORT_WAITS) {
                waits++;
            } else {
                left = Math.max(left, WAIT_NANOS);
            }
            while (!signalled && left > 0) {
                left = condition.awaitNanos(left);
            }
            boolean came = signalled;
            signalled = false;
            return came;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void signal() {
        lock.lock();
        try {
            signalled = true;
            condition.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
