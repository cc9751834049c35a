package io.gq.raft;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.StateMachine;
import io.gq.raft.transport.PeerTls;
import io.gq.raft.transport.PeerTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.ExitUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Raft server with its groups. Safe for use by many threads; opening, closing and deleting one and the same group is the business of one
 * thread at a time.
 *
 * <pre>
 *   directory/groups/&lt;group&gt;/    what Ratis keeps: term and vote, configuration, log
 *   directory/registry/&lt;group&gt;   the group was created here, see {@link GroupRegistry}
 *   directory/damaged/&lt;group&gt;-&lt;time&gt;/   set aside, for a person to look at
 * </pre>
 *
 * <p>Ratis opens every group it finds when it starts, and starts none where one of them fails. So it is started without any, and each is
 * added by {@link #open} after its files were looked through.
 */
public final class RaftHost implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RaftHost.class);
    private static final Duration CLOSE_REASON_WAIT = Duration.ofSeconds(5);
    /** Until a fenced leader knows how far its followers are: the answers that are on their way come in. */
    private static final Duration LAST_ANSWERS = Duration.ofMillis(30);

    static {
        // Ratis would end the process when a port is taken and, from then on, whenever any thread dies of an exception.
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        ExitUtils.setTerminateOnUncaughtException(false);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    private final RaftNode node;
    private final RaftConfig config;
    private final RaftEnvironment environment;
    private final GroupFiles files;
    private final DistrustedGroups distrusted;
    private final RaftServer server;
    private final Map<GroupId, HostedGroup> groups = new ConcurrentHashMap<>();
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong();
    private final AppendTimes appendTimes;

    private RaftHost(RaftNode node, RaftConfig config, RaftEnvironment environment) throws IOException {
        this.node = node;
        this.config = config;
        this.environment = environment;
        this.appendTimes = new AppendTimes(environment.nanoClock());
        this.files = new GroupFiles(node.directory(), node.self(), environment.clock());
        this.distrusted = new DistrustedGroups(files.registry(), files::directory, config.entryBytesMax() * 2);
        RaftProperties properties = config.properties();
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(node.directory().resolve("none").toFile()));
        this.server = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(node.self().toString()))
                .setStateMachineRegistry(this::machine)
                .setProperties(properties)
                .setParameters(
                        PeerRpcType.parameters(new PeerRpcType.Wiring(this::hosted, appendTimes, transport(node))))
                .build();
        RaftServerConfigKeys.setStorageDir(properties, List.of(files.root().toFile()));
    }

    /**
     * Starts a server without groups.
     *
     * @throws BrokerException ADDRESS_IN_USE where the port is taken, INVALID_CONFIG where the certificates are of no use
     */
    public static RaftHost start(RaftNode node, RaftConfig config, RaftEnvironment environment) throws IOException {
        checkFree(node);
        RaftHost host = new RaftHost(node, config, environment);
        try {
            host.server.start();
        } catch (ExitUtils.ExitException e) {
            host.close();
            throw inUse(node, e);
        } catch (BindException e) {
            host.close();
            throw inUse(node, e);
        } catch (RuntimeException | IOException e) {
            host.close();
            throw e;
        }
        LOG.info(
                "raft server started kind={} peer={} port={} protocol={}",
                node.kind().label(),
                node.self(),
                host.port(),
                node.tls().isPresent() ? "TLS" : "PLAINTEXT");
        return host;
    }

    private static void checkFree(RaftNode node) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(node.bindHost(), node.bindPort()));
        } catch (IOException e) {
            throw inUse(node, e);
        }
    }

    private static BrokerException inUse(RaftNode node, Exception cause) {
        return new BrokerException(
                ErrorCode.ADDRESS_IN_USE,
                "raft " + node.kind().label() + " listener: " + node.bindHost() + ":" + node.bindPort()
                        + " cannot be bound (expected: a free port of this machine)",
                cause);
    }

    private PeerTransport.Setup transport(RaftNode of) {
        return new PeerTransport.Setup(
                of.kind().label(),
                of.bindHost(),
                of.bindPort(),
                environment.addresses().of(of.kind()),
                peer -> PeerId.parse(peer).node(),
                of.tls().map(RaftTls::contexts).orElse(PeerTls.NONE),
                environment.io(),
                config.requestTimeout(),
                PeerTransport.SILENCE_MAX);
    }

    /** The port this server listens on. */
    public int port() {
        return server.getServerRpc().getInetSocketAddress().getPort();
    }

    public PeerId self() {
        return node.self();
    }

    /**
     * When this server last got an append or a Raft heartbeat from the node, in the environment's nanoseconds: a sign of life besides
     * what the node says of itself.
     */
    public OptionalLong lastAppendNanos(NodeId from) {
        return appendTimes.last(from);
    }

    /** Whether appends of the node may still come in here: one of its connections is open, or was not read to its end. */
    public boolean hears(NodeId from) {
        return server.getServerRpc() instanceof PeerTransport transport && transport.hears(from);
    }

    /** The node is there again after a silence: connections over which it owes answers are made anew. */
    public void reconnect(NodeId to) {
        if (server.getServerRpc() instanceof PeerTransport transport) {
            transport.reconnect(to);
        }
    }

    static RaftPeer raftPeer(RaftHostKind kind, PeerId peer) {
        return RaftPeer.newBuilder()
                .setId(peer.toString())
                .setAddress(kind.address(peer.node()))
                .setPriority(0)
                .build();
    }

    /**
     * Opens a group: creates it, or recovers what is on disk. Blocks while the files are read.
     *
     * @param founders the voters of a group that is being created for the first time, this peer among them. Empty where this replica
     *     joins a group that exists, or comes back empty after its old self was dismissed: then it waits to be admitted. Of no effect
     *     where the group's files are here
     * @throws BrokerException REPLICA_DAMAGED where the files are damaged (they were set aside, and the listener has been told) or where
     *     founders are given but the group was created before and its files are gone: the replica is then to be dismissed, opened without
     *     founders, and admitted; STORAGE_ERROR where it could not be opened, NOT_READY while it is still closing
     */
    public RatisGroup open(GroupId group, Collection<PeerId> founders, StateMachineFactory factory) {
        return open(group, List.copyOf(founders), factory, 0);
    }

    /**
     * Opens a replica whose old self was dismissed: empty, and waiting to be admitted. It may come back under the id it had, so it takes
     * nothing from a leader of before the dismissal, who might count it as the member it was. Of no effect where the group's files are
     * here.
     *
     * @param dismissalTerm what the dismissal was answered with; 0 where that is not known
     * @throws BrokerException as {@link #open}
     */
    public RatisGroup openEmpty(GroupId group, long dismissalTerm, StateMachineFactory factory) {
        return open(group, List.of(), factory, dismissalTerm);
    }

    private RatisGroup open(GroupId group, List<PeerId> founders, StateMachineFactory factory, long term) {
        HostedGroup open = groups.get(group);
        if (open != null) {
            if (open.ended()) {
                throw new BrokerException(ErrorCode.NOT_READY, "group: " + group + " is still closing");
            }
            return open.facade();
        }
        if (!founders.isEmpty() && !founders.contains(node.self())) {
            throw new BrokerException(
                    ErrorCode.INVALID_REQUEST, "founders: " + founders + " (expected: " + node.self() + " among them)");
        }
        try {
            List<PeerId> firstVoters = files.prepare(group, founders, factory, term);
            HostedGroup hosted = recover(group, factory);
            groups.put(group, hosted);
            try {
                add(hosted, firstVoters);
            } catch (IOException | RuntimeException e) {
                hosted.end("it could not be started");
                remove(hosted);
                throw e;
            }
            LOG.info("group opened group={} applied={}", group, hosted.machine().applied());
            return hosted.facade();
        } catch (DamagedReplicaException e) {
            files.setAside(group, factory);
            GroupFailure failure = new GroupFailure(GroupFailure.Kind.DAMAGED, String.valueOf(e.getMessage()), e);
            background(() -> environment.listener().failed(group, failure));
            throw new BrokerException(ErrorCode.REPLICA_DAMAGED, "group: " + group + ": " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "group: " + group + ": " + e.getMessage(), e);
        }
    }

    private HostedGroup recover(GroupId group, StateMachineFactory factory)
            throws IOException, DamagedReplicaException {
        Path current = files.directory(group).resolve("current");
        LogTail tail = RaftLogFiles.read(current, config.entryBytesMax() * 2);
        StateMachine machine = factory.create(group);
        try {
            LogPosition position = machine.open(tail);
            if (tail.startIndex() > position.index() + 1) {
                throw new DamagedReplicaException("checkpoint: " + position + " (expected: not before the log's start "
                        + tail.startIndex() + ")");
            }
            new ConfigurationFile(current).mend(tail, position);
            RaftLogFiles.dropCovered(current, tail, position.index());
            return new HostedGroup(
                    group,
                    server,
                    files.directory(group),
                    factory,
                    machine,
                    config,
                    node.kind(),
                    environment,
                    new Owner(group));
        } catch (DamagedReplicaException | IOException | RuntimeException e) {
            machine.close();
            throw e;
        }
    }

    private void add(HostedGroup hosted, List<PeerId> firstVoters) throws IOException {
        List<RaftPeer> peers =
                firstVoters.stream().map(peer -> raftPeer(node.kind(), peer)).toList();
        try {
            Replies.check(
                    server.groupManagementAsync(GroupManagementRequest.newAdd(
                                    clientId,
                                    server.getId(),
                                    callIds.incrementAndGet(),
                                    RaftGroup.valueOf(hosted.raftId(), peers),
                                    false))
                            .join(),
                    null);
            hosted.appliesOn(UpdaterSignal.install(hosted.division()));
            LogCacheEviction.install(hosted.division(), environment.io().eviction());
            VoteFile.install(hosted.division(), e -> hosted.machine().storageFailed("write of term and vote", e));
            hosted.gate().open();
        } catch (CompletionException | BrokerException e) {
            throw new IOException(
                    "group cannot be started: " + Replies.unwrap(e).getMessage(), e);
        }
    }

    private org.apache.ratis.statemachine.StateMachine machine(RaftGroupId group) {
        return Optional.ofNullable(groups.get(new GroupId(group.getUuid())))
                .orElseThrow(() -> new IllegalStateException("group " + group + " was not opened by its host"))
                .machine();
    }

    /** Closes a group and keeps its files. Nothing happens where it is not open. */
    public void close(GroupId group) {
        HostedGroup hosted = groups.get(group);
        if (hosted != null && hosted.end("closed")) {
            remove(hosted);
            LOG.info("group closed group={}", group);
        }
    }

    /** What a group stores here is not what was written: it is closed and its files are set aside; the listener is told. */
    public void damaged(GroupId group, String what) {
        HostedGroup hosted = groups.get(group);
        if (hosted != null) {
            hosted.machine().damaged(what);
        }
    }

    /** What a group's machine stores could not be written or synced: the group is closed; the listener is told. */
    public void storageFailed(GroupId group, Exception cause) {
        HostedGroup hosted = groups.get(group);
        if (hosted != null) {
            hosted.machine().storageFailed("write or sync of the machine's files", cause);
        }
    }

    /**
     * What a group stores here is not what was written, and it goes on until its leader has dismissed it: then it is closed as by
     * {@link #damaged}. So no two replicas of a group are set aside at a time, however many are damaged.
     */
    public void condemn(GroupId group, String what) {
        HostedGroup hosted = groups.get(group);
        if (hosted != null) {
            hosted.condemn(what);
        }
    }

    /** Takes a fenced group out of the server and lets its machine go. */
    private void remove(HostedGroup hosted) {
        hosted.machine().stopping();
        try {
            server.groupManagementAsync(GroupManagementRequest.newRemove(
                            clientId, server.getId(), callIds.incrementAndGet(), hosted.raftId(), false, false))
                    .join();
        } catch (CompletionException e) {
            LOG.debug("group was not in the server group={}", hosted.id(), e);
        }
        hosted.facade().abandon();
        try {
            hosted.machine().close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("machine did not close group={}", hosted.id(), e);
        }
        groups.remove(hosted.id(), hosted);
    }

    /**
     * Deletes a group and all its files; group ids are never used again. After a crash in the middle it is to be called again. Nothing
     * happens where the group is not known.
     */
    public void delete(GroupId group, StateMachineFactory factory) {
        try {
            files.beginDelete(group);
            close(group);
            files.delete(group, factory);
            LOG.info("group deleted group={}", group);
        } catch (IOException e) {
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "group: " + group + ": " + e.getMessage(), e);
        }
    }

    /** What this disk holds of a group. */
    public enum Presence {
        /** It never took part in the group. */
        NONE,
        /** The group's files are here, whole or not. */
        PRESENT,
        /** It took part, may have voted, and its files are gone: it must come back as a new member. */
        GONE,
        /** Its files may lack entries it acknowledged: it must come back as a new member, and its files go when it is opened. */
        DISTRUSTED
    }

    /** The groups here that are not trusted. */
    public DistrustedGroups distrusted() {
        return distrusted;
    }

    /** Tells a disk that never held the group from one that lost it. */
    public Presence presence(GroupId group) {
        return files.presence(group);
    }

    /** The groups that are open. */
    public Set<GroupId> groups() {
        return Set.copyOf(groups.keySet());
    }

    /**
     * The open groups whose logs have entries that are not on disk, each with a number that changes when its log gets on. Costs a look at
     * each group; waits for nothing.
     */
    public Map<GroupId, Long> waitingWrites() {
        Map<GroupId, Long> waiting = new HashMap<>();
        groups.values().forEach(group -> group.waitingWrites().ifPresent(got -> waiting.put(group.id(), got)));
        return waiting;
    }

    /** Whether its logs are on disk before they are acknowledged. */
    public boolean synced() {
        return node.kind() != RaftHostKind.REPLICATED;
    }

    /** The groups that were created on this disk and not deleted, open or not. */
    public Set<GroupId> known() {
        return files.known();
    }

    /** An open group. */
    public Optional<RatisGroup> group(GroupId group) {
        return Optional.ofNullable(groups.get(group)).map(HostedGroup::facade);
    }

    /** Closes all groups and the server; keeps the files. */
    @Override
    public void close() {
        for (HostedGroup hosted : new ArrayList<>(groups.values())) {
            hosted.end("the server closes");
            hosted.machine().stopping();
        }
        try {
            server.close();
        } catch (IOException e) {
            LOG.warn("raft server did not close kind={}", node.kind().label(), e);
        }
        for (HostedGroup hosted : new ArrayList<>(groups.values())) {
            hosted.facade().abandon();
            try {
                hosted.machine().close();
            } catch (IOException | RuntimeException e) {
                LOG.warn("machine did not close group={}", hosted.id(), e);
            }
            groups.remove(hosted.id(), hosted);
        }
        LOG.info("raft server closed kind={} peer={}", node.kind().label(), node.self());
    }

    private void background(Runnable task) {
        run(environment.background(), task);
    }

    private static void run(Executor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("the process is ending", e);
        }
    }

    /** Hears from the adapter of one group. */
    private final class Owner implements RatisStateMachine.Owner {

        private final GroupId group;

        Owner(GroupId group) {
            this.group = group;
        }

        @Override
        public void leadershipChanged() {
            run(environment.events(), this::tellLeadership);
        }

        @Override
        public void notLeader() {
            HostedGroup hosted = groups.get(group);
            if (hosted != null) {
                hosted.failReadRounds();
            }
        }

        private synchronized void tellLeadership() {
            HostedGroup hosted = groups.get(group);
            if (hosted != null) {
                environment.listener().leadershipChanged(group, hosted.facade().leadership());
            }
        }

        @Override
        public void failed(GroupFailure failed) {
            HostedGroup hosted = groups.get(group);
            GroupFailure failure = hosted == null ? failed : asCondemned(hosted, failed);
            if (hosted != null && hosted.end(failure.message())) {
                LOG.error(
                        "group failed group={} kind={} reason={}",
                        group,
                        failure.kind(),
                        failure.message(),
                        failure.cause());
                background(() -> end(hosted, failure));
            }
        }

        private void end(HostedGroup hosted, GroupFailure failure) {
            // A defect of the machine would strike the next leader as well.
            boolean ofThisReplica =
                    failure.kind() == GroupFailure.Kind.STORAGE || failure.kind() == GroupFailure.Kind.DAMAGED;
            if (!ofThisReplica || !TimeoutNow.isDue(hosted)) {
                bury(hosted, failure);
                return;
            }
            environment
                    .scheduler()
                    .after(
                            LAST_ANSWERS,
                            () -> background(() -> {
                                TimeoutNow.of(hosted, server).ifPresent(RaftHost.this::background);
                                bury(hosted, failure);
                            }));
        }

        @Override
        public void damaged(String what) {
            run(environment.events(), () -> environment.listener().damaged(group, what));
        }

        private static GroupFailure asCondemned(HostedGroup hosted, GroupFailure failure) {
            return failure.kind() == GroupFailure.Kind.DISMISSED
                    ? hosted.condemned()
                            .map(what -> new GroupFailure(GroupFailure.Kind.DAMAGED, what, null))
                            .orElse(failure)
                    : failure;
        }

        private synchronized void bury(HostedGroup hosted, GroupFailure failure) {
            remove(hosted);
            if (failure.kind() == GroupFailure.Kind.DAMAGED) {
                files.setAside(group, hosted.factory());
            }
            environment.listener().failed(group, failure);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // the very adapter
        public void reopen(String reason, BooleanSupplier due) {
            HostedGroup hosted = groups.get(group);
            if (hosted == null || hosted.ended()) {
                return;
            }
            RatisStateMachine adapter = hosted.machine();
            background(() -> {
                hosted.notices().lock();
                try {
                    if (hosted.machine() == adapter && due.getAsBoolean()) {
                        renew(hosted, reason);
                    }
                } finally {
                    hosted.notices().unlock();
                }
            });
        }

        /** Takes the group out of the server and puts it back with the same machine, so that Ratis begins at its checkpoint. */
        @SuppressWarnings("ReferenceEquality") // the very adapter
        private synchronized void renew(HostedGroup hosted, String reason) {
            if (hosted.ended()) {
                return;
            }
            LOG.warn("group reopened group={} reason={}", group, reason);
            hosted.gate().close(reason);
            RatisStateMachine former = hosted.machine();
            former.detach();
            StateMachine machine = former.machine();
            try {
                server.groupManagementAsync(GroupManagementRequest.newRemove(
                                clientId, server.getId(), callIds.incrementAndGet(), hosted.raftId(), false, false))
                        .join();
                Path current = hosted.currentDirectory();
                LogTail tail = RaftLogFiles.read(current, config.entryBytesMax() * 2);
                new ConfigurationFile(current).mend(tail, machine.checkpointed());
                RaftLogFiles.dropCovered(current, tail, machine.checkpointed().index());
                hosted.renew(new RatisStateMachine(group, machine, config, environment, this), environment.scheduler());
                add(hosted, files.founders(group));
                if (hosted.ended()) { // meanwhile, by who found only the former one to close
                    remove(hosted);
                }
            } catch (IOException | DamagedReplicaException | RuntimeException e) {
                if (hosted.machine() == former) {
                    former.attach(); // to be closed with its machine
                }
                if (hosted.ended()) {
                    remove(hosted);
                    return;
                }
                failed(new GroupFailure(
                        e instanceof DamagedReplicaException ? GroupFailure.Kind.DAMAGED : GroupFailure.Kind.STORAGE,
                        "reopen",
                        e));
            }
        }

        @Override
        public void closed() {
            HostedGroup hosted = groups.get(group);
            if (hosted == null || hosted.ended()) {
                return;
            }
            if (hosted.isNoMember()) {
                failed(new GroupFailure(
                        GroupFailure.Kind.DISMISSED, "the configuration is without this replica", null));
            } else {
                // The leader may have told Ratis to close, which says so only when it has done it.
                environment
                        .scheduler()
                        .after(
                                CLOSE_REASON_WAIT,
                                () -> failed(
                                        new GroupFailure(GroupFailure.Kind.STORAGE, "Ratis closed the group", null)));
            }
        }
    }

    /** Ratis' server, without the gate before it. */
    RaftServer server() {
        return server;
    }

    Optional<HostedGroup> hosted(GroupId group) {
        return Optional.ofNullable(groups.get(group));
    }
}
