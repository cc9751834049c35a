package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import io.gq.core.time.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes and syncs for all logs of one disk. Whatever is submitted while a round runs makes up the next round: its writes are done
 * one after the other, then the distinct files they touched are synced side by side, then the writes are told, in the order they
 * were submitted. So the busier the disk, the more writes share a sync.
 *
 * <p>Has no thread of its own: a round runs on the first executor, one at a time.
 *
 * <p>One made by {@link #syncingBehind} tells the writes without syncing, and syncs a while later: what it told of survives the end of
 * the process, not that of the machine.
 */
public final class DiskFlusher {

    /** Work for a round. */
    public interface Write {

        /** Writes without syncing, and names what must be synced for the write to be durable. */
        void perform(Syncs syncs) throws IOException;

        /** Comes once, in order of submission: everything named is durable, or why it is not. */
        void done(@Nullable Exception failure);
    }

    /** What must be synced for a write to be durable. */
    public static final class Syncs {
        private final Set<Target> targets = new LinkedHashSet<>();

        public void file(StorageFile file) {
            targets.add(new FileTarget(file));
        }

        public void directory(StorageFiles files, Path directory) {
            targets.add(new DirectoryTarget(files, directory));
        }

        /** Syncs everything named, in the calling thread. */
        public void syncNow() throws IOException {
            for (Target target : targets) {
                target.sync();
            }
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(DiskFlusher.class);

    private final Executor rounds;
    private final Executor syncs;
    private final @Nullable SyncBehind behind;
    private List<Write> waiting = new ArrayList<>();
    private boolean running;

    /**
     * @param rounds runs the rounds: a thread of its own for this disk
     * @param syncs runs the syncs of a round beside each other
     */
    public DiskFlusher(Executor rounds, Executor syncs) {
        this(rounds, syncs, null);
    }

    private DiskFlusher(Executor rounds, Executor syncs, @Nullable SyncBehind behind) {
        this.rounds = rounds;
        this.syncs = syncs;
        this.behind = behind;
    }

    /**
     * A flusher whose writes are done when they are written.
     *
     * @param interval how long after a write its file is synced, at the latest
     */
    public static DiskFlusher syncingBehind(Executor rounds, Executor syncs, Scheduler scheduler, Duration interval) {
        return new DiskFlusher(rounds, syncs, new SyncBehind(scheduler, syncs, interval));
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

    /** Never blocks. Writes of one caller are performed in call order. */
    public void submit(Write write) {
        synchronized (this) {
            waiting.add(write);
            if (running) {
                return;
            }
            running = true;
        }
        try {
            rounds.execute(this::run);
        } catch (RejectedExecutionException e) {
            List<Write> refused;
            synchronized (this) {
                running = false;
                refused = waiting;
                waiting = new ArrayList<>();
            }
            refused.forEach(w -> tell(w, e));
        }
    }

    private void run() {
        while (true) {
            List<Write> round;
            synchronized (this) {
                if (waiting.isEmpty()) {
                    running = false;
                    return;
                }
                round = waiting;
                waiting = new ArrayList<>();
            }
            flush(round);
        }
    }

    private void flush(List<Write> round) {
        List<Performed> performed = new ArrayList<>(round.size());
        Map<Target, Outcome> outcomes = new LinkedHashMap<>();
        for (Write write : round) {
            Syncs needed = new Syncs();
            Exception failure = null;
            try {
                write.perform(needed);
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
            if (behind != null) {
                needed = new Syncs();
            }
            needed.targets.forEach(t -> outcomes.computeIfAbsent(t, x -> new Outcome()));
            performed.add(new Performed(write, needed.targets, failure));
        }
        syncAll(outcomes);
        for (Performed p : performed) {
            Exception failure = p.failure;
            for (Target target : p.targets) {
                Outcome outcome = outcomes.get(target);
                if (failure == null && outcome != null) {
                    failure = outcome.failure;
                }
            }
            tell(p.write, failure);
        }
    }

    private void syncAll(Map<Target, Outcome> outcomes) {
        CountDownLatch left = new CountDownLatch(outcomes.size());
        List<Runnable> tasks = new ArrayList<>(outcomes.size());
        outcomes.forEach((target, outcome) -> tasks.add(() -> {
            try {
                target.sync();
            } catch (IOException | RuntimeException e) {
                outcome.failure = e;
            } finally {
                left.countDown();
            }
        }));
        for (int i = 1; i < tasks.size(); i++) {
            try {
                syncs.execute(tasks.get(i));
            } catch (RejectedExecutionException e) {
                tasks.get(i).run();
            }
        }
        if (!tasks.isEmpty()) {
            tasks.get(0).run();
        }
        awaitUninterruptibly(left);
    }

    private static void awaitUninterruptibly(CountDownLatch left) {
        boolean interrupted = false;
        while (true) {
            try {
                left.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void tell(Write write, @Nullable Exception failure) {
        try {
            write.done(failure);
        } catch (RuntimeException e) {
            LOG.error("write callback failed", e);
        }
    }

    private sealed interface Target {
        void sync() throws IOException;
    }

    private record FileTarget(StorageFile file) implements Target {
        @Override
        public void sync() throws IOException {
            file.force();
        }
    }

    private record DirectoryTarget(StorageFiles files, Path directory) implements Target {
        @Override
        public void sync() throws IOException {
            files.syncDirectory(directory);
        }
    }

    private record Performed(
            Write write, Set<Target> targets, @Nullable Exception failure) {}

    /** Published to the round's thread by the latch. */
    private static final class Outcome {
        private @Nullable Exception failure;
    }
}
