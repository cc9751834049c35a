package io.gq.broker;

import io.gq.core.time.Scheduler;
import io.gq.raft.transport.IoThreads;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every thread of a node that is ours is made here, named for what it does. */
final class RuntimeThreads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RuntimeThreads.class);
    private static final long CLOSE_WAIT_S = 5;
    private static final int RAFT_IO_THREADS_MAX = 8;

    private final ScheduledThreadPoolExecutor timer;
    private final ScheduledThreadPoolExecutor mesh;
    private final ExecutorService elections;
    private final ExecutorService metadata;
    private final ExecutorService hosting;
    private final ExecutorService reads;
    private final ExecutorService calls;
    private final ExecutorService candidates;
    private final ExecutorService disk;
    private final ExecutorService serving;
    private final ExecutorService scrubbing;
    private final IoThreads raftIo;

    /**
     * @param cores processors to plan for
     * @param callThreads that run calls from the network, which do not block
     * @param diskThreads that delete and sync files where nobody waits
     */
    RuntimeThreads(int cores, int callThreads, int diskThreads) {
        timer = scheduled(2, named("gq-timer"));
        mesh = scheduled(1, prompt("gq-mesh"));
        elections = Executors.newSingleThreadExecutor(prompt("gq-elections"));
        metadata = Executors.newSingleThreadExecutor(named("gq-metadata"));
        hosting = Executors.newFixedThreadPool(Math.max(4, 2 * cores), named("gq-hosting"));
        reads = Executors.newFixedThreadPool(Math.max(4, 2 * cores), named("gq-reads"));
        disk = Executors.newFixedThreadPool(diskThreads, named("gq-disk"));
        scrubbing = Executors.newSingleThreadExecutor(patient("gq-scrub"));
        serving = Executors.newFixedThreadPool(callThreads, named("gq-serving"));
        raftIo = new IoThreads(
                Math.max(1, Math.min(RAFT_IO_THREADS_MAX, cores / 2)), RuntimeThreads::prompt, RuntimeThreads::named);
        calls = Executors.newCachedThreadPool(named("gq-calls"));
        candidates = Executors.newCachedThreadPool(prompt("gq-candidates"));
    }

    private static ScheduledThreadPoolExecutor scheduled(int threads, ThreadFactory factory) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(threads, factory);
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        return executor;
    }

    /** Threads that have little to do and must do it in time; whether the priority counts is up to the system and the launcher. */
    @SuppressWarnings("ThreadPriorityCheck") // a help, nothing relies on it
    static ThreadFactory prompt(String name) {
        ThreadFactory factory = named(name);
        return task -> {
            Thread thread = factory.newThread(task);
            thread.setPriority(Thread.MAX_PRIORITY);
            return thread;
        };
    }

    /** Threads whose work may wait behind all other; as for {@link #prompt}. */
    @SuppressWarnings("ThreadPriorityCheck")
    private static ThreadFactory patient(String name) {
        ThreadFactory factory = named(name);
        return task -> {
            Thread thread = factory.newThread(task);
            thread.setPriority(Thread.MIN_PRIORITY);
            return thread;
        };
    }

    static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((t, e) -> LOG.error("uncaught thread={}", t.getName(), e));
            return thread;
        };
    }

    /** Runs the liveness mesh, one task at a time. */
    ExecutorService mesh() {
        return mesh;
    }

    /** Decides on elections, one task at a time. */
    ExecutorService elections() {
        return elections;
    }

    /** Runs image listeners, one at a time. */
    ExecutorService metadata() {
        return metadata;
    }

    /** Opens, closes and repairs partitions, a few at a time; a task may wait on disks. */
    ExecutorService hosting() {
        return hosting;
    }

    /** Reads for long polls that a commit has woken. */
    ExecutorService reads() {
        return reads;
    }

    /** Calls between brokers and other short work that may wait; grows with need. */
    ExecutorService calls() {
        return calls;
    }

    /**
     * Starts elections, which wait for the disk. The threads that Ratis makes for an election take the priority of the one that started it:
     * on a busy machine those of the groups that have a leader would come first.
     */
    ExecutorService candidates() {
        return candidates;
    }

    /** Runs calls from the network; what may wait moves on from here. */
    ExecutorService serving() {
        return serving;
    }

    /** Deletes and syncs files where nobody waits for it. */
    ExecutorService disk() {
        return disk;
    }

    /** Reads whole partitions again, one at a time. */
    ExecutorService scrubbing() {
        return scrubbing;
    }

    /** Moves what Raft servers say to each other. */
    IoThreads raftIo() {
        return raftIo;
    }

    Scheduler scheduler() {
        return scheduler(timer);
    }

    /** Its tasks run on the mesh's thread. */
    Scheduler meshScheduler() {
        return scheduler(mesh);
    }

    private static Scheduler scheduler(ScheduledThreadPoolExecutor timer) {
        return new Scheduler() {
            @Override
            public Cancellable after(Duration delay, Runnable task) {
                return cancellable(timer.schedule(logged(task), delay.toNanos(), TimeUnit.NANOSECONDS));
            }

            @Override
            public Cancellable every(Duration delay, Runnable task) {
                return cancellable(timer.scheduleWithFixedDelay(
                        logged(task), delay.toNanos(), delay.toNanos(), TimeUnit.NANOSECONDS));
            }
        };
    }

    @Override
    public void close() {
        raftIo.close();
        for (ExecutorService executor : new ExecutorService[] {
            timer, mesh, elections, metadata, hosting, reads, calls, candidates, serving, scrubbing, disk
        }) {
            executor.shutdown();
        }
        try {
            for (ExecutorService executor : new ExecutorService[] {
                timer, mesh, elections, metadata, hosting, reads, calls, candidates, serving, scrubbing, disk
            }) {
                if (!executor.awaitTermination(CLOSE_WAIT_S, TimeUnit.SECONDS)) {
                    LOG.warn("threads still busy at the end of the stop executor={}", executor);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Scheduler.Cancellable cancellable(ScheduledFuture<?> future) {
        return () -> future.cancel(false);
    }

    private static Runnable logged(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("a scheduled task failed", e);
            }
        };
    }
}
