package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies a snapshot from the leader when this replica is too far behind for the leader's log.
 *
 * <pre>
 *   IDLE --start--> COPYING --installed--> INSTALLED --loaded by Ratis--> IDLE
 *                      |                       '--not loaded in time--> the group is opened anew
 *                      '--failure, another leader, close--> IDLE
 * </pre>
 *
 * <p>Ratis remembers a running installation across a change of leader and refuses every append until it ends; so it has to end.
 */
final class SnapshotCopy {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotCopy.class);
    private static final Duration RETRY_DELAY = Duration.ofMillis(250);
    private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(3);

    private final GroupId group;
    private final StateMachine machine;
    private final Lock machineLock;
    private final RaftEnvironment environment;
    private final RatisStateMachine.Owner owner;
    private final Configurations configurations;

    private @Nullable Attempt attempt;

    /** Where the configuration that goes with a snapshot is kept. */
    interface Configurations {

        /** Durable when it returns: what is installed may stand for the change that made it. */
        void beforeInstall(LogEntryProto configuration) throws IOException;
    }

    private static final class Attempt {
        final PeerId leader;
        /** Completes when nothing is installed any more. */
        final CompletableFuture<LogPosition> done = new CompletableFuture<>();
        /** What Ratis is told. */
        final CompletableFuture<TermIndex> result = new CompletableFuture<>();

        @Nullable
        SnapshotReader reader;

        @Nullable
        LogEntryProto configuration;

        boolean brokenOff;
        boolean installed;
        boolean loading;

        Attempt(PeerId leader) {
            this.leader = leader;
        }
    }

    SnapshotCopy(
            GroupId group,
            StateMachine machine,
            Lock machineLock,
            RaftEnvironment environment,
            RatisStateMachine.Owner owner,
            Configurations configurations) {
        this.group = group;
        this.machine = machine;
        this.machineLock = machineLock;
        this.environment = environment;
        this.owner = owner;
        this.configurations = configurations;
    }

    /**
     * Starts a copy. Called with the division's monitor held.
     *
     * @param firstIndex the first index the leader's log still holds
     * @param lastIndex the last index of our log
     * @return the snapshot's position once it is installed; null where there is nothing to copy, since the leader's log is whole
     */
    synchronized CompletableFuture<@Nullable TermIndex> start(PeerId leader, long firstIndex, long lastIndex) {
        if (firstIndex <= 0) {
            return CompletableFuture.completedFuture(null);
        }
        if (lastIndex >= firstIndex) {
            // The gate agrees with the leader or drops the end of our log, once the leader's term is known here and the
            // log is flushed.
            return later("log end: " + lastIndex + " (expected: before the leader's first, " + firstIndex + ")");
        }
        if (attempt != null) {
            return later("a snapshot is being loaded"); // by the updater, which the leader overtakes
        }
        Attempt started = new Attempt(leader);
        attempt = started;
        // Where the gate has raised the first index, the one before the leader's will do: see
        // SnapshotNotice.askingForMore.
        environment.background().execute(() -> copy(started, Math.max(firstIndex - 2, lastIndex)));
        return started.result.thenApply(position -> position);
    }

    private CompletableFuture<@Nullable TermIndex> later(String why) {
        CompletableFuture<@Nullable TermIndex> later = new CompletableFuture<>();
        environment.scheduler().after(RETRY_DELAY, () -> later.completeExceptionally(new IOException(why)));
        return later;
    }

    private void copy(Attempt running, long leastIndex) {
        LOG.info("snapshot copy started group={} from={} leastIndex={}", group, running.leader, leastIndex);
        try {
            installed(running, install(running, leastIndex));
        } catch (IOException | RuntimeException e) {
            LOG.warn("snapshot copy failed group={} from={}", group, running.leader, e);
            // The leader asks again as soon as this is known.
            environment.scheduler().after(RETRY_DELAY, () -> end(running, e));
        }
    }

    private LogPosition install(Attempt running, long leastIndex) throws IOException {
        try (SnapshotReader reader = environment.snapshots().fetch(group, running.leader, machine.held())) {
            if (reader.position().index() < leastIndex) {
                throw new IOException(
                        "snapshot index: " + reader.position().index() + " (expected: >= " + leastIndex + ")");
            }
            synchronized (this) {
                if (running.brokenOff) {
                    throw new IOException("broken off");
                }
                running.reader = reader;
            }
            LogEntryProto configuration = SnapshotConfiguration.takeFrom(reader);
            configurations.beforeInstall(configuration);
            synchronized (this) {
                running.configuration = configuration;
            }
            machineLock.lock();
            try {
                return machine.install(reader);
            } finally {
                machineLock.unlock();
            }
        }
    }

    private void installed(Attempt running, LogPosition position) {
        LOG.info("snapshot installed group={} from={} position={}", group, running.leader, position);
        boolean brokenOff;
        synchronized (this) {
            running.installed = true;
            brokenOff = running.brokenOff;
        }
        running.done.complete(position);
        // Another leader may not ask again, and until somebody does Ratis refuses every append.
        environment.scheduler().after(brokenOff ? Duration.ZERO : LOAD_TIMEOUT, () -> reopenIfNotLoaded(running));
    }

    private void reopenIfNotLoaded(Attempt running) {
        if (isCurrent(running)) {
            owner.reopen("an installed snapshot was not loaded in time", () -> isCurrent(running));
        }
    }

    private synchronized boolean isCurrent(Attempt running) {
        return attempt == running;
    }

    private void end(Attempt running, Throwable cause) {
        synchronized (this) {
            if (attempt == running) {
                attempt = null;
            }
        }
        running.done.completeExceptionally(cause);
        running.result.completeExceptionally(cause);
    }

    /** Where a snapshot is installed, Ratis hears of it now, and loads it when it is asked. Not before, so that who asks knows. */
    void tell() {
        Attempt running;
        synchronized (this) {
            running = attempt;
        }
        if (running != null && running.done.isDone() && !running.done.isCompletedExceptionally()) {
            LogPosition position = running.done.join();
            running.result.complete(TermIndex.valueOf(position.term(), position.index()));
        }
    }

    /** Those that go with the snapshot that is being copied or waits to be loaded, once they are here; empty while Ratis loads it. */
    synchronized Optional<LogEntryProto> members() {
        return attempt == null || attempt.loading ? Optional.empty() : Optional.ofNullable(attempt.configuration);
    }

    /** Ratis said that it is installed, and loads it. */
    synchronized void loading() {
        if (attempt != null) {
            attempt.loading = true;
        }
    }

    /** Ratis has loaded what was installed. */
    synchronized void loaded() {
        attempt = null;
    }

    synchronized boolean running() {
        return attempt != null;
    }

    synchronized boolean waitsToBeLoaded() {
        return attempt != null && attempt.installed;
    }

    void leaderChanged(PeerId leader) {
        Attempt running;
        synchronized (this) {
            running = attempt;
        }
        if (running != null && !running.leader.equals(leader)) {
            cancel("the leader changed to " + leader);
        }
    }

    /**
     * Breaks off a copy that is running; what is installed stays. The copy ends a little later: as long as the machine installs, Ratis
     * must not append.
     */
    void cancel(String reason) {
        SnapshotReader reader;
        synchronized (this) {
            if (attempt == null || attempt.installed || attempt.brokenOff) {
                return;
            }
            LOG.info("snapshot copy broken off group={} reason={}", group, reason);
            attempt.brokenOff = true;
            reader = attempt.reader;
        }
        if (reader != null) {
            environment.background().execute(() -> close(reader));
        }
    }

    private static void close(SnapshotReader reader) {
        try {
            reader.close();
        } catch (IOException e) {
            LOG.debug("closing a snapshot that was broken off", e);
        }
    }

    /** Waits a moment for a running copy, so that the leader does not ask in a tight loop. */
    void await(Duration atMost) throws InterruptedException {
        Attempt running;
        synchronized (this) {
            running = attempt;
        }
        if (running == null) {
            return;
        }
        try {
            running.done.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.trace("snapshot copy still runs or failed group={}", group, e);
        }
    }
}
