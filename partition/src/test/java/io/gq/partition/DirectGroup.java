package io.gq.partition;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.partition.log.DiskFlusher;
import io.gq.testing.FaultyFiles;
import io.gq.testing.MemoryStateStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A group of one replica, in the test's hand: proposals are logged at once and applied at once or when the test says. */
final class DirectGroup implements ReplicatedGroup {

    static final Path DIRECTORY = Path.of("/data/partition");

    private final GroupId id = PartitionWorkload.GROUP;
    final FaultyFiles files = new FaultyFiles(3);
    MemoryStateStore store = new MemoryStateStore();
    PartitionConfig config = PartitionWorkload.CONFIG;
    PartitionStateMachine machine;
    final List<Entry> log = new ArrayList<>();
    final Deque<CompletableFuture<Outcome>> unapplied = new ArrayDeque<>();
    final List<PartitionCommand> proposed = new ArrayList<>();
    final List<String> troubles = new ArrayList<>();
    long term = 1;
    boolean leading;
    boolean applyAtOnce = true;

    @Nullable
    ErrorCode refuseNext;

    @Nullable
    ErrorCode loseNextAnswer;

    DirectGroup() {
        open();
    }

    void open() {
        machine = new PartitionStateMachine(
                id,
                DIRECTORY,
                files,
                new DiskFlusher(Runnable::run),
                store,
                config,
                PartitionMetrics.NONE,
                new ReplicaListener() {
                    @Override
                    public void storageFailed(Exception cause) {
                        troubles.add("failed: " + cause.getMessage());
                    }

                    @Override
                    public void damaged(String what) {
                        troubles.add("damaged: " + what);
                    }
                });
        try {
            LogPosition position = machine.open(new LogTail(0, log.size(), log));
            for (Entry entry : log) {
                if (entry.index() > position.index()) {
                    machine.apply(entry);
                }
            }
        } catch (IOException | DamagedReplicaException e) {
            throw new IllegalStateException(e);
        }
    }

    void restart() throws IOException {
        machine.close();
        store = store.crash();
        leading = false;
        open();
    }

    void lead() {
        leading = true;
        machine.lead(term);
    }

    void follow() {
        leading = false;
        machine.follow();
    }

    /** Applies the next logged entry and answers its proposal. */
    void applyNext() {
        CompletableFuture<Outcome> future = unapplied.remove();
        long index = machine.applied().index() + 1;
        future.complete(machine.apply(log.get((int) index)));
    }

    /** The leader change cuts everything that is not applied. */
    void cutUnapplied() {
        long from = machine.applied().index() + 1;
        machine.payloads().truncate(from);
        log.removeIf(e -> e.index() >= from);
        List<CompletableFuture<Outcome>> lost = new ArrayList<>(unapplied);
        unapplied.clear();
        lost.forEach(
                f -> f.completeExceptionally(new BrokerException(ErrorCode.OUTCOME_UNKNOWN, "the leader is gone")));
    }

    @Override
    public CompletableFuture<Outcome> propose(ByteBuffer command, @Nullable ByteBuffer payload) {
        if (!leading) {
            return CompletableFuture.failedFuture(new BrokerException(ErrorCode.NOT_LEADER, "not leading"));
        }
        ErrorCode refusal = refuseNext;
        refuseNext = null;
        if (refusal != null) {
            return CompletableFuture.failedFuture(new BrokerException(refusal, "refused"));
        }
        String trouble = machine.verify(term, command);
        if (trouble != null) {
            return CompletableFuture.failedFuture(new BrokerException(ErrorCode.LEADER_NOT_AVAILABLE, trouble));
        }
        try {
            proposed.add(CommandCodec.decode(command));
        } catch (CommandCodec.MalformedCommandException e) {
            throw new IllegalStateException(e);
        }
        Entry entry = new Entry(term, log.size(), command.asReadOnlyBuffer());
        if (payload != null && !stored(entry, command, payload)) {
            return CompletableFuture.failedFuture(new BrokerException(ErrorCode.STORAGE_ERROR, "not written"));
        }
        log.add(entry);
        CompletableFuture<Outcome> future = new CompletableFuture<>();
        unapplied.add(future);
        ErrorCode lost = loseNextAnswer;
        loseNextAnswer = null;
        if (lost != null) {
            return CompletableFuture.failedFuture(new BrokerException(lost, "answer lost"));
        }
        if (applyAtOnce) {
            applyNext();
        }
        return future;
    }

    private boolean stored(Entry entry, ByteBuffer command, ByteBuffer payload) {
        CompletableFuture<Void> written = machine.payloads().write(term, entry.index(), command, payload);
        return !machine.payloads().flush(entry.index()).isCompletedExceptionally()
                && !written.isCompletedExceptionally();
    }

    @Override
    public GroupId id() {
        return id;
    }

    @Override
    public Leadership leadership() {
        return leading
                ? new Leadership(Leadership.Role.LEADER, term, Optional.of(new NodeId(1)), true)
                : new Leadership(Leadership.Role.FOLLOWER, term, Optional.of(new NodeId(2)), false);
    }

    @Override
    public CompletableFuture<Void> readBarrier(Duration timeout) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> transferLeadership(NodeId to, Duration timeout) {
        follow();
        return CompletableFuture.completedFuture(null);
    }
}
