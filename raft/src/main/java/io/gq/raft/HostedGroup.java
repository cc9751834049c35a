package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.replication.StateMachine;
import io.gq.core.time.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A group that is open on this host: what it is made of, and whether it still stands. */
final class HostedGroup implements AppendGate.Log {

    private static final Logger LOG = LoggerFactory.getLogger(HostedGroup.class);

    private final GroupId id;
    private final RaftServer server;
    private final Path directory;
    private final StateMachineFactory factory;
    private final AtomicReference<@Nullable String> end = new AtomicReference<>();
    private final RatisGroup facade;
    private final AtomicReference<@Nullable String> condemned = new AtomicReference<>();
    private final ReadRounds readRounds = new ReadRounds();
    private final ReentrantLock notices = new ReentrantLock();
    private volatile AppendGate gate;
    private volatile RatisStateMachine machine;
    private volatile Optional<UpdaterSignal> updater = Optional.empty();

    HostedGroup(
            GroupId id,
            RaftServer server,
            Path directory,
            StateMachineFactory factory,
            StateMachine machine,
            RaftConfig config,
            RaftHostKind kind,
            RaftEnvironment environment,
            RatisStateMachine.Owner owner) {
        this.id = id;
        this.server = server;
        this.directory = directory;
        this.factory = factory;
        this.machine = new RatisStateMachine(id, machine, config, environment, owner);
        this.gate = new AppendGate(id.toString(), this, environment.scheduler());
        this.facade = new RatisGroup(this, server, config, kind, environment.scheduler());
    }

    GroupId id() {
        return id;
    }

    RaftGroupId raftId() {
        return RaftGroupId.valueOf(id.value());
    }

    StateMachineFactory factory() {
        return factory;
    }

    RatisGroup facade() {
        return facade;
    }

    ReadRounds readRounds() {
        return readRounds;
    }

    void failReadRounds() {
        try {
            readRounds.fail(division());
        } catch (IOException e) {
            LOG.debug("group is out of the server group={}", id, e);
        }
    }

    AppendGate gate() {
        return gate;
    }

    /** Held by who answers a notice to install a snapshot, and while the group is renewed. */
    ReentrantLock notices() {
        return notices;
    }

    RatisStateMachine machine() {
        return machine;
    }

    Path directory() {
        return directory;
    }

    Path currentDirectory() {
        return directory.resolve("current");
    }

    RaftServer.Division division() throws IOException {
        return server.getDivision(raftId());
    }

    /** True where the configuration in force here is without this replica. */
    boolean isNoMember() {
        try {
            RaftServer.Division division = division();
            return !division.getRaftConf().getAllPeers().isEmpty()
                    && division.getRaftConf().getPeer(division.getId(), RaftPeerRole.FOLLOWER, RaftPeerRole.LISTENER)
                            == null;
        } catch (IOException e) {
            return false;
        }
    }

    /** The same machine under a new adapter, while the group is out of the server. */
    void renew(RatisStateMachine newMachine, Scheduler scheduler) {
        machine = newMachine;
        gate = new AppendGate(id.toString(), this, scheduler);
    }

    /** @param signal what the applying thread waits at; empty where it looks ten times a second by itself */
    void appliesOn(Optional<UpdaterSignal> signal) {
        updater = signal;
    }

    /** There is something to apply. */
    void wakeUpdater() {
        updater.ifPresent(UpdaterSignal::signal);
    }

    /** Fences the group: no append, no vote, no proposal from now on. True for the caller that ended it. */
    boolean end(String reason) {
        gate.close(reason);
        return end.compareAndSet(null, reason);
    }

    /** What is stored here is not to be used again once the configuration is without this replica. */
    void condemn(String what) {
        condemned.set(what);
    }

    /** Why it is condemned; empty where it is not. */
    Optional<String> condemned() {
        return Optional.ofNullable(condemned.get());
    }

    boolean ended() {
        return end.get() != null;
    }

    /**
     * Where its log has entries that are not on disk, a number that changes when it gets on: the log's thread writes nothing more while it
     * waits for the disk. Empty while the group starts and once it is fenced.
     */
    OptionalLong waitingWrites() {
        try {
            gate.checkOpen();
            RaftLog log = division().getRaftLog();
            long last = log.getNextIndex() - 1; // first: what comes in meanwhile is not taken for waiting
            long flushed = log.getFlushIndex();
            return last > flushed ? OptionalLong.of(flushed + machine.payloadsWritten()) : OptionalLong.empty();
        } catch (IOException | IllegalStateException e) {
            return OptionalLong.empty(); // closed
        }
    }

    @Override
    public long flushIndex() throws IOException {
        return division().getRaftLog().getFlushIndex();
    }

    @Override
    public long currentTerm() throws IOException {
        return division().getInfo().getCurrentTerm();
    }
}
