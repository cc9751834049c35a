package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one log has still to write, worked off in rounds: all that waits is written, then the distinct files it touched are synced once,
 * then each is told, in the order of submission. Whoever calls {@link #drain} runs the rounds, one thread at a time.
 */
final class WriteQueue {

    /** Work for a round. */
    interface Write {

        /** Writes without syncing, and names what must be synced for the write to be durable. */
        void perform(Syncs syncs) throws IOException;

        /** Comes once, in order of submission: everything named is durable, or why it is not. */
        void done(@Nullable Exception failure);
    }

    /** What must be synced for a write to be durable. */
    static final class Syncs {
        private final Set<Target> targets = new LinkedHashSet<>();

        void file(StorageFile file) {
            targets.add(new FileTarget(file));
        }

        void directory(StorageFiles files, Path directory) {
            targets.add(new DirectoryTarget(files, directory));
        }

        /** Syncs everything named, in the calling thread. */
        void syncNow() throws IOException {
            for (Target target : targets) {
                target.sync();
            }
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);

    private final Executor tasks;
    private final boolean syncing;
    private final ReentrantLock rounds = new ReentrantLock();
    private List<Write> waiting = new ArrayList<>();

    /**
     * @param tasks runs {@link #drainSoon}
     * @param syncing false: writes are told when they are written
     */
    WriteQueue(Executor tasks, boolean syncing) {
        this.tasks = tasks;
        this.syncing = syncing;
    }

    /** Adds to the next round. Never blocks. */
    synchronized void add(Write write) {
        waiting.add(write);
    }

    private synchronized List<Write> take() {
        if (waiting.isEmpty()) {
            return List.of(); // not the list itself, to which others may add at any time
        }
        List<Write> taken = waiting;
        waiting = new ArrayList<>();
        return taken;
    }

    /** When it returns, all that was added before the call has been written, synced and told. */
    void drain() {
        if (rounds.isHeldByCurrentThread()) {
            return; // a callback of a round: the round's loop comes to it
        }
        rounds.lock();
        try {
            for (List<Write> round = take(); !round.isEmpty(); round = take()) {
                run(round);
            }
        } finally {
            rounds.unlock();
        }
    }

    /** Drains in another thread. */
    void drainSoon() {
        try {
            tasks.execute(this::drain);
        } catch (RejectedExecutionException e) {
            drain(); // the process is ending: nobody else will
        }
    }

    private void run(List<Write> round) {
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
            if (!syncing) {
                needed = new Syncs();
            }
            needed.targets.forEach(t -> outcomes.computeIfAbsent(t, x -> new Outcome()));
            performed.add(new Performed(write, needed.targets, failure));
        }
        outcomes.forEach((target, outcome) -> {
            try {
                target.sync();
            } catch (IOException | RuntimeException e) {
                outcome.failure = e;
            }
        });
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

    private static final class Outcome {
        private @Nullable Exception failure;
    }
}
