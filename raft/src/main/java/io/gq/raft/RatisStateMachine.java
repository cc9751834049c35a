package io.gq.raft;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.PayloadStore;
import io.gq.core.replication.StateMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows a {@link StateMachine} to Ratis. Threads: entries are applied by the group's updater; {@code lock} keeps a snapshot that is being
 * installed out of its way.
 *
 * <p>Ratis sees {@code applied} and {@code checkpointed} from here, not from the machine: while an installed snapshot waits for Ratis to
 * load it, the machine is ahead of what Ratis may know.
 */
final class RatisStateMachine extends BaseStateMachine {

    private static final Logger LOG = LoggerFactory.getLogger(RatisStateMachine.class);

    /** What the host is told. All calls return at once. */
    interface Owner {
        void leadershipChanged();

        /** Whoever waits to hear that this replica still leads waits in vain. */
        void notLeader();

        void failed(GroupFailure failure);

        /** A leader cannot send what a follower needs, since its own copy is not what was written; all else it may go on with. */
        void damaged(String what);

        /** Ratis closed the group; where nobody asked for it and no reason was given, something broke in Ratis. */
        void closed();

        /** An installed snapshot was not asked for again: the group has to be opened anew to load it. */
        void reopen(String reason, BooleanSupplier due);
    }

    private final GroupId group;
    private final StateMachine machine;
    private final Owner owner;
    private final LogPurge purge;
    private final SnapshotCopy copy;
    private final @Nullable PayloadData data;
    private final AppliedWaiters waiters;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile RaftServer.@Nullable Division division;
    private volatile LogPosition applied;
    private volatile LogPosition checkpointed;
    private volatile boolean broken;
    /** What Ratis is told to take over with a notice. */
    private volatile @Nullable LogEntryProto ofSnapshot;

    private long ledTerm = -1;

    /** @param machine open; owned by this adapter from now on */
    RatisStateMachine(
            GroupId group, StateMachine machine, RaftConfig config, RaftEnvironment environment, Owner owner) {
        this.group = group;
        this.machine = machine;
        this.owner = owner;
        PayloadStore payloads = machine.payloads();
        this.data = payloads == null ? null : new PayloadData(payloads, this::writeFailed);
        this.purge = new LogPurge(config.laggingEntriesMax(), environment.background(), payloads);
        this.copy = new SnapshotCopy(group, machine, lock, environment, owner, this::beforeInstall);
        this.checkpointed = machine.checkpointed();
        this.applied = checkpointed;
        this.waiters = new AppliedWaiters(applied.index());
    }

    StateMachine machine() {
        return machine;
    }

    SnapshotCopy copy() {
        return copy;
    }

    LogPosition applied() {
        return applied;
    }

    LogPosition checkpointed() {
        return checkpointed;
    }

    private RaftServer.Division division() {
        RaftServer.Division present = division;
        if (present == null) {
            throw new IllegalStateException("group " + group + " is not initialized");
        }
        return present;
    }

    // Life

    @Override
    public void initialize(RaftServer server, RaftGroupId id, RaftStorage storage) throws IOException {
        super.initialize(server, id, storage);
        division = server.getDivision(id);
        getLifeCycle().transition(LifeCycle.State.STARTING);
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    /** Ratis has cut its log to the snapshot installed last and goes on from there. */
    @Override
    public void reinitialize() {
        getLifeCycle().transition(LifeCycle.State.STARTING);
        checkpointed = machine.checkpointed();
        afterInstall(checkpointed);
        applied = checkpointed;
        waiters.applied(applied.index());
        copy.loaded();
        getLifeCycle().transition(LifeCycle.State.RUNNING);
        LOG.info("snapshot loaded group={} position={}", group, applied);
    }

    /** Breaks off what would keep the group from closing. */
    void stopping() {
        waiters.fail(new IllegalStateException("the group closes"));
        copy.cancel("the group closes");
    }

    /** The machine stays open, for another adapter to take over. */
    void detach() {
        closed.set(true);
    }

    /** No other adapter came: it is closed with this one after all. */
    void attach() {
        closed.set(false);
    }

    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            stopping();
            lock.lock();
            try {
                machine.close();
            } finally {
                lock.unlock();
            }
            owner.closed();
        }
    }

    // Proposals

    @Override
    public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
        if (!(request.getMessage() instanceof Proposal proposal)) {
            throw new StateMachineException("message: " + request.getMessage() + " (expected: a proposal)", false);
        }
        return TransactionContext.newBuilder()
                .setStateMachine(this)
                .setClientRequest(request)
                .setLogData(proposal.command())
                .setStateMachineData(proposal.payload())
                .setStateMachineContext(proposal)
                .build();
    }

    /** On a follower, and for entries of earlier terms: holds no payload, which the log's writer has already got. */
    @Override
    public TransactionContext startTransaction(LogEntryProto entry, RaftPeerRole role) {
        return TransactionContext.newBuilder()
                .setStateMachine(this)
                .setLogEntry(LogProtoUtils.removeStateMachineData(entry))
                .setServerRole(role)
                .build();
    }

    @Override
    public TransactionContext preAppendTransaction(TransactionContext transaction) throws IOException {
        if (transaction.getStateMachineContext() instanceof Proposal proposal) {
            String refusal;
            try {
                refusal = machine.verify(
                        division().getInfo().getCurrentTerm(),
                        proposal.command().asReadOnlyByteBuffer());
            } catch (RuntimeException e) {
                owner.failed(new GroupFailure(GroupFailure.Kind.DEFECT, "verify", e));
                refusal = e.toString();
            }
            if (refusal != null) {
                throw new StateMachineException(refusal, false);
            }
            proposal.enterLog();
        }
        return transaction;
    }

    /** Grows with each payload that is written; 0 where entries have none. */
    long payloadsWritten() {
        return data == null ? 0 : data.writes();
    }

    @Override
    public DataApi data() {
        return data == null ? DataApi.DEFAULT : data;
    }

    // Applying

    /**
     * Never throws: Ratis' updater would close the group itself and, where somebody else closes it at the same time, spin for ever. A
     * group whose machine threw applies nothing more; nothing of what Ratis then counts as applied outlives the group.
     */
    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        LogPosition position = new LogPosition(entry.getTerm(), entry.getIndex());
        Outcome[] outcome = new Outcome[1];
        boolean done = advance(position, () -> {
            outcome[0] = machine.apply(new Entry(
                    position.term(),
                    position.index(),
                    entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer()));
        });
        if (transaction.getStateMachineContext() instanceof Proposal proposal) {
            if (done) {
                proposal.answer(outcome[0]);
            } else {
                proposal.fail(new BrokerException(
                        ErrorCode.OUTCOME_UNKNOWN, "group: " + group + ": appended, then: the machine is broken"));
            }
        }
        return done
                ? CompletableFuture.completedFuture(new OutcomeMessage(outcome[0]))
                : CompletableFuture.failedFuture(new IllegalStateException("the machine is broken"));
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        LogPosition position = new LogPosition(term, index);
        advance(position, () -> machine.skip(position));
    }

    private boolean advance(LogPosition position, Runnable step) {
        if (broken) {
            return false;
        }
        lock.lock();
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            broken = true;
            owner.failed(new GroupFailure(GroupFailure.Kind.DEFECT, "apply " + position, e));
            return false;
        } finally {
            lock.unlock();
        }
        applied = position;
        waiters.applied(position.index());
        return true;
    }

    @Override
    public TermIndex getLastAppliedTermIndex() {
        return TermIndex.valueOf(applied.term(), applied.index());
    }

    /** Completes when this replica has applied the index; exceptionally when it closes or breaks before. */
    CompletableFuture<Void> awaitApplied(long index) {
        return waiters.await(index, () -> applied.index()).thenRun(() -> {
            if (broken) {
                throw new IllegalStateException("the machine is broken");
            }
        });
    }

    // Checkpoints

    @Override
    public long takeSnapshot() throws IOException {
        if (broken || copy.waitsToBeLoaded()) {
            throw new IOException(broken ? "the machine is broken" : "an installed snapshot waits to be loaded");
        }
        LogPosition position;
        lock.lock();
        try {
            if (copy.running()) {
                // it may have waited here for what was installed, which Ratis must load before it hears of it
                throw new IOException("a snapshot is being copied");
            }
            position = machine.checkpoint();
        } catch (RuntimeException | Error e) {
            broken = true;
            owner.failed(new GroupFailure(GroupFailure.Kind.DEFECT, "checkpoint", e));
            throw new IOException("the machine is broken", e);
        } finally {
            lock.unlock();
        }
        checkpointed = position;
        purge.upTo(position.index(), division());
        return position.index();
    }

    @Override
    public @Nullable SnapshotInfo getLatestSnapshot() {
        LogPosition position = checkpointed;
        return position.index() < 0 ? null : new Checkpoint(TermIndex.valueOf(position.term(), position.index()));
    }

    private record Checkpoint(TermIndex termIndex) implements SnapshotInfo {
        @Override
        public TermIndex getTermIndex() {
            return termIndex;
        }

        @Override
        public long getTerm() {
            return termIndex.getTerm();
        }

        @Override
        public long getIndex() {
            return termIndex.getIndex();
        }

        @Override
        public List<FileInfo> getFiles() {
            return List.of();
        }
    }

    @Override
    public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(RoleInfoProto role, TermIndex firstAvailable) {
        RaftPeerId leader = division().getInfo().getLeaderId(); // it may be no member that is known here yet
        return leader == null
                ? CompletableFuture.failedFuture(new IOException("leader: unknown (expected: who sent the notice)"))
                : copy.start(
                        PeerId.parse(leader.toString()),
                        firstAvailable.getIndex(),
                        division().getRaftLog().getNextIndex() - 1);
    }

    // Leading

    /**
     * The first configuration entry a leader applies in its term comes after every entry of earlier terms; only then does Ratis accept
     * proposals. The machine hears of it before that.
     */
    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto configuration) {
        if (!keep(LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setConfigurationEntry(configuration)
                .build())) {
            return;
        }
        DivisionInfo info = division().getInfo();
        if (!info.isLeader() || info.getCurrentTerm() != term || ledTerm >= term) {
            return;
        }
        ledTerm = term;
        try {
            machine.lead(term);
        } catch (RuntimeException | Error e) {
            broken = true;
            owner.failed(new GroupFailure(GroupFailure.Kind.DEFECT, "lead " + term, e));
            return;
        }
        if (!info.isLeader() || info.getCurrentTerm() != term) {
            machine.follow(); // the call of notifyNotLeader may have come before lead
            return;
        }
        LOG.info("leader elected group={} term={} lastIndex={}", group, term, index);
    }

    /** False where the configuration could not be stored: the group is fenced. Called by the updater, and by who installs a snapshot. */
    private synchronized boolean keep(LogEntryProto configuration) {
        if (configuration.equals(ofSnapshot)) {
            return true; // the one before it is kept until the snapshot is loaded
        }
        ConfigurationFile file = new ConfigurationFile(currentDirectory());
        try {
            file.written(configuration);
            return true;
        } catch (IOException e) {
            restore(file);
            cannotKeep(e);
            return false;
        }
    }

    /** Ratis is asked with the configuration of a snapshot that may not be installed in the end; null: no more. */
    void givenOfSnapshot(@Nullable LogEntryProto configuration) {
        ofSnapshot = configuration;
    }

    private void restore(ConfigurationFile file) {
        try {
            file.restore();
        } catch (IOException e) {
            LOG.warn("configuration could not be put back, the next start will group={}", group, e);
        }
    }

    private void cannotKeep(IOException e) {
        broken = true; // a checkpoint would let go of what holds the configuration now
        owner.failed(new GroupFailure(GroupFailure.Kind.STORAGE, "write of the configuration", e));
    }

    private synchronized void beforeInstall(LogEntryProto configuration) throws IOException {
        try {
            new ConfigurationFile(currentDirectory()).beforeInstall(configuration);
        } catch (IOException e) {
            cannotKeep(e);
            throw e;
        }
    }

    /** Ratis tells nobody of what is thrown where it loads a snapshot. */
    private synchronized void afterInstall(LogPosition position) {
        try {
            new ConfigurationFile(currentDirectory()).installed(position);
        } catch (IOException e) {
            cannotKeep(e);
        }
    }

    private Path currentDirectory() {
        return division().getRaftStorage().getStorageDir().getCurrentDir().toPath();
    }

    @Override
    public void notifyLeaderReady() {
        owner.leadershipChanged();
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        owner.notLeader();
        machine.follow();
        owner.leadershipChanged();
    }

    /** Called with the division's monitor held, before a new leader sends its first append. */
    @Override
    public void notifyLeaderChanged(RaftGroupMemberId self, RaftPeerId leader) {
        copy.leaderChanged(PeerId.parse(leader.toString()));
        if (leader.equals(self.getPeerId())) {
            syncOwnVote();
        } else {
            machine.follow();
            LOG.info(
                    "leader changed group={} leader={} term={}",
                    group,
                    leader,
                    Optional.ofNullable(division)
                            .map(d -> d.getInfo().getCurrentTerm())
                            .orElse(-1L));
        }
        owner.leadershipChanged();
    }

    /** raft-meta is renamed into place without a sync of the directory: a leader must not forget that it voted for itself. */
    private void syncOwnVote() {
        try {
            Directories.sync(currentDirectory());
        } catch (IOException e) {
            owner.failed(new GroupFailure(GroupFailure.Kind.STORAGE, "sync of the own vote", e));
        }
    }

    // Trouble

    /** Somebody found that what is stored here is not what was written. */
    void damaged(String what) {
        owner.failed(new GroupFailure(GroupFailure.Kind.DAMAGED, what, null));
    }

    /** Something that a replica cannot do without was not stored. */
    void storageFailed(String what, Exception cause) {
        owner.failed(new GroupFailure(GroupFailure.Kind.STORAGE, what, cause));
    }

    private void writeFailed(Throwable cause) {
        owner.failed(new GroupFailure(GroupFailure.Kind.STORAGE, "write of payload", cause));
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
        if (Replies.unwrap(cause) instanceof PayloadData.ReadFailedException) {
            if (entry != null && entry.getIndex() < division().getRaftLog().getStartIndex()) {
                return; // purged while it was being read
            }
            Optional<String> damage = damage(cause);
            if (damage.isPresent()) {
                owner.damaged(damage.get());
            } else {
                owner.failed(new GroupFailure(GroupFailure.Kind.DAMAGED, "read of payload", cause));
            }
            return;
        }
        owner.failed(new GroupFailure(GroupFailure.Kind.STORAGE, "write of the Raft log", cause));
    }

    private static Optional<String> damage(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DamagedReplicaException) {
                return Optional.of(String.valueOf(cause.getMessage()));
            }
        }
        return Optional.empty();
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean allServers) {
        if (!allServers) {
            owner.failed(new GroupFailure(
                    GroupFailure.Kind.DISMISSED, "the configuration no longer holds this replica", null));
        }
    }
}
