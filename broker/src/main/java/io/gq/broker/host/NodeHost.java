package io.gq.broker.host;

import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.Listener;
import io.gq.broker.config.ListenerTls;
import io.gq.broker.config.RaftSettings;
import io.gq.broker.config.StorageConfig;
import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.peer.PeerSnapshots;
import io.gq.broker.peer.PeerTable;
import io.gq.broker.security.Authenticator;
import io.gq.controller.ControllerStateMachine;
import io.gq.controller.image.TopicImage;
import io.gq.controller.topic.TopicConfig;
import io.gq.controller.topic.TopicConfig.Durability;
import io.gq.core.ByteSize;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.StateMachine;
import io.gq.core.store.StateStore;
import io.gq.core.time.Scheduler;
import io.gq.partition.PartitionMachineFactory;
import io.gq.partition.PartitionMetrics;
import io.gq.partition.ReplicaListener;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.log.DiskFlusher;
import io.gq.raft.AddressBook;
import io.gq.raft.GroupListener;
import io.gq.raft.RaftConfig;
import io.gq.raft.RaftEnvironment;
import io.gq.raft.RaftHost;
import io.gq.raft.RaftHostKind;
import io.gq.raft.RaftNode;
import io.gq.raft.RaftTls;
import io.gq.raft.StateMachineFactory;
import io.gq.raft.transport.IoThreads;
import io.gq.store.RocksStateStore;
import io.gq.store.RocksStateStoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node's disk and Raft ports carry: the Raft servers, one of the controller and one for each durability class, the state store,
 * the flushers of the disk.
 *
 * <pre>
 *   data_dir/controller/        Raft server of the controller group, and its machine's checkpoint
 *   data_dir/raft/              Raft server of the partitions: votes and entry headers
 *   data_dir/raft_replicated/   the same of partitions with durability=replicated
 *   data_dir/partitions/        segments, a directory a group
 *   data_dir/state/             small tables
 * </pre>
 */
public final class NodeHost implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeHost.class);
    private static final long VERIFY_ON_OPEN_BYTES = 8L << 20;
    /** Room for what Ratis writes around a command, and for the few entries that a file may hold when a trim must not fit any more. */
    private static final int ENTRY_MARGIN_BYTES = 512;

    private static final long TRIM_BYTES_MAX = 128 << 10;

    /** Of records acknowledged before they were synced. */
    private static final Duration SYNC_BEHIND = Duration.ofMillis(200);

    private static final String REPLICATED = "raft_replicated";

    /**
     * What a host takes from the process.
     *
     * @param events tells of leaders; does not wait behind {@code background}
     * @param disk deletes and syncs files where nobody waits for it
     */
    public record Environment(
            StorageFiles files,
            InstantSource clock,
            LongSupplier nanoClock,
            Scheduler scheduler,
            Executor events,
            Executor background,
            Executor disk,
            IoThreads io,
            PartitionMetrics metrics) {}

    private final StateStore store;
    private final RaftHost controllerRaft;
    private final Map<Durability, RaftHost> partitionRafts;
    private final StateMachineFactory controllerMachines;
    private final Map<Durability, PartitionMachines> partitionMachines;

    private NodeHost(
            StateStore store,
            RaftHost controllerRaft,
            Map<Durability, RaftHost> partitionRafts,
            StateMachineFactory controllerMachines,
            Map<Durability, PartitionMachines> partitionMachines) {
        this.store = store;
        this.controllerRaft = controllerRaft;
        this.partitionRafts = partitionRafts;
        this.controllerMachines = controllerMachines;
        this.partitionMachines = partitionMachines;
    }

    /**
     * Opens the disk and listens on the Raft ports; opens no group yet.
     *
     * @param controllerEvents and {@code partitionEvents} hear what happens to groups by itself
     * @param replicaEvents what hears of the trouble of a partition's replica
     */
    public static NodeHost start(
            BrokerConfig config,
            Path dataDir,
            PeerId self,
            Environment env,
            PeerTable peers,
            Supplier<PeerSnapshots> snapshots,
            ImageHolder images,
            Function<TopicImage, TopicConfig> configInForce,
            GroupListener controllerEvents,
            GroupListener partitionEvents,
            Function<GroupId, ReplicaListener> replicaEvents)
            throws IOException {
        AddressBook book = new AddressBook();
        peers.onAddress(a -> raftKind(
                a.listener(),
                kind -> book.put(
                        kind, a.node(), a.endpoint().getHost(), a.endpoint().getPort())));
        StateStore store = RocksStateStore.open(dataDir.resolve("state"), tables(config.storage()), env.nanoClock());
        StateMachineFactory controllerMachines =
                new ControllerMachines(dataDir.resolve("controller/machine"), env, images);
        Map<Durability, PartitionMachines> partitionMachines = new EnumMap<>(Durability.class);
        for (Durability durability : Durability.values()) {
            partitionMachines.put(
                    durability,
                    new PartitionMachines(
                            dataDir.resolve("partitions"),
                            env.files(),
                            store,
                            new PartitionMachineFactory(env.files(), flusher(durability, env), store, env.metrics()),
                            images,
                            configInForce,
                            settings(config),
                            env.clock(),
                            replicaEvents));
        }
        List<RaftHost> started = new ArrayList<>();
        try {
            RaftHost controllerRaft = raft(
                    RaftHostKind.CONTROLLER,
                    self,
                    dataDir.resolve("controller/raft"),
                    config,
                    config.listener(Listener.CONTROLLER),
                    controllerRaft(config.raft()),
                    raftEnvironment(book, snapshots, controllerEvents, env));
            started.add(controllerRaft);
            RaftEnvironment partitions = raftEnvironment(book, snapshots, partitionEvents, env);
            Map<Durability, RaftHost> partitionRafts = new EnumMap<>(Durability.class);
            for (Durability durability : Durability.values()) {
                RaftHost raft = partitionRaft(durability, self, dataDir, config, partitions);
                started.add(raft);
                partitionRafts.put(durability, raft);
            }
            return new NodeHost(store, controllerRaft, partitionRafts, controllerMachines, partitionMachines);
        } catch (RuntimeException | IOException e) {
            started.forEach(RaftHost::close);
            store.close();
            throw e;
        }
    }

    private static DiskFlusher flusher(Durability durability, Environment env) {
        return switch (durability) {
            case FSYNC -> new DiskFlusher(env.disk());
            case REPLICATED -> DiskFlusher.syncingBehind(env.disk(), env.scheduler(), SYNC_BEHIND);
        };
    }

    private static RaftHost partitionRaft(
            Durability durability, PeerId self, Path dataDir, BrokerConfig config, RaftEnvironment environment)
            throws IOException {
        RaftConfig raftConfig = partitionRaft(config.raft());
        return switch (durability) {
            case FSYNC ->
                raft(
                        RaftHostKind.PARTITIONS,
                        self,
                        dataDir.resolve("raft"),
                        config,
                        config.listener(Listener.RAFT),
                        raftConfig,
                        environment);
            case REPLICATED ->
                raft(
                        RaftHostKind.REPLICATED,
                        self,
                        dataDir.resolve(REPLICATED),
                        config,
                        config.listener(Listener.RAFT_REPLICATED),
                        raftConfig.withoutSyncedLog(),
                        environment);
        };
    }

    public RaftHost controllerRaft() {
        return controllerRaft;
    }

    /** The server of the partitions of a durability class. */
    public RaftHost partitionRaft(Durability durability) {
        return Objects.requireNonNull(partitionRafts.get(durability));
    }

    /** The servers of all classes. */
    public Collection<RaftHost> partitionRafts() {
        return Collections.unmodifiableCollection(partitionRafts.values());
    }

    /** All Raft servers of the node, the controller's first. */
    public List<RaftHost> rafts() {
        List<RaftHost> all = new ArrayList<>();
        all.add(controllerRaft);
        all.addAll(partitionRafts.values());
        return all;
    }

    /** What was written and not synced may be gone: replicas that were acknowledged before they were synced must come back as new members. */
    public void distrustUnsynced() {
        Set<GroupId> distrusted =
                partitionRaft(Durability.REPLICATED).distrusted().addAll();
        if (!distrusted.isEmpty()) {
            LOG.warn(
                    "the machine went down before everything was synced: replicas rejoin as new members groups={} distrusted={}",
                    distrusted.size(),
                    distrusted);
        }
    }

    /** How many replicas may have forgotten records and were not taken in anew yet. */
    public int distrusted() {
        return partitionRaft(Durability.REPLICATED).distrusted().groups().size();
    }

    /** Where in the data directory lies what is acknowledged before it is synced; empty where there is none. */
    public List<Path> unsynced() {
        Set<GroupId> groups = partitionRaft(Durability.REPLICATED).known();
        List<Path> places = new ArrayList<>();
        if (!groups.isEmpty()) {
            places.add(Path.of(REPLICATED));
            groups.forEach(group -> places.add(Path.of("partitions", group.toString())));
        }
        return places;
    }

    /** What a partition stores here is not what was written: its replica is closed, set aside and rebuilt. */
    public void damaged(GroupId group, String what) {
        partitionRafts.values().forEach(raft -> raft.damaged(group, what));
    }

    /** A partition's replica cannot write any more: it is closed, and opened again by recovery. */
    public void storageFailed(GroupId group, Exception cause) {
        partitionRafts.values().forEach(raft -> raft.storageFailed(group, cause));
    }

    /** As {@link #damaged}, once the group's leader has dismissed the replica. */
    void condemn(GroupId group, String what) {
        partitionRafts.values().forEach(raft -> raft.condemn(group, what));
    }

    StateMachineFactory controllerMachines() {
        return controllerMachines;
    }

    PartitionMachines partitionMachines(Durability durability) {
        return Objects.requireNonNull(partitionMachines.get(durability));
    }

    /** Closes every group and all servers, then the store. */
    @Override
    public void close() {
        partitionRafts.values().forEach(RaftHost::close);
        controllerRaft.close();
        try {
            store.close();
        } catch (IOException e) {
            LOG.warn("state store did not close cause={}", e.toString());
        }
    }

    private static void raftKind(String listener, java.util.function.Consumer<RaftHostKind> found) {
        if (listener.equals(Listener.RAFT)) {
            found.accept(RaftHostKind.PARTITIONS);
        } else if (listener.equals(Listener.RAFT_REPLICATED)) {
            found.accept(RaftHostKind.REPLICATED);
        } else if (listener.equals(Listener.CONTROLLER)) {
            found.accept(RaftHostKind.CONTROLLER);
        }
    }

    private static RaftHost raft(
            RaftHostKind kind,
            PeerId self,
            Path directory,
            BrokerConfig config,
            Listener listener,
            RaftConfig raftConfig,
            RaftEnvironment environment)
            throws IOException {
        Authenticator authenticator = new Authenticator(Set.copyOf(config.peerIdentities()));
        return RaftHost.start(
                new RaftNode(
                        kind,
                        self,
                        directory,
                        listener.bind().host(),
                        listener.bind().port(),
                        listener.tls().map(tls -> raftTls(tls, authenticator))),
                raftConfig,
                environment);
    }

    private static RaftTls raftTls(ListenerTls tls, Authenticator authenticator) {
        return new RaftTls(
                tls.certFile(),
                tls.keyFile(),
                tls.caFile().orElseThrow(), // BrokerConfig has seen to it
                certificate ->
                        authenticator.principal(Optional.of(certificate)).type().equals(Authenticator.BROKER));
    }

    private static RaftEnvironment raftEnvironment(
            AddressBook book, Supplier<PeerSnapshots> snapshots, GroupListener events, Environment env) {
        return new RaftEnvironment(
                book,
                (group, leader, held) -> snapshots.get().fetch(group, leader, held),
                events,
                env.clock(),
                env.nanoClock(),
                env.scheduler(),
                env.events(),
                env.background(),
                env.io());
    }

    private static RaftConfig partitionRaft(RaftSettings s) {
        return RaftConfig.partitions()
                .withElectionTimeout(s.electionTimeoutMin(), s.electionTimeoutMax())
                .withTimeouts(s.requestTimeout(), s.catchUpTimeout())
                .withLog(s.logSegmentBytes().toIntExact(), s.snapshotEntries(), s.logEntriesKept())
                .withPending(s.pendingEntriesMax(), s.pendingBytesMax().toIntExact());
    }

    private static RaftConfig controllerRaft(RaftSettings s) {
        RaftConfig controller = RaftConfig.controller();
        return controller
                .withElectionTimeout(s.controllerElectionTimeoutMin(), s.controllerElectionTimeoutMax())
                .withTimeouts(s.requestTimeout(), s.catchUpTimeout())
                .withLog(controller.segmentBytes(), s.controllerSnapshotEntries(), controller.laggingEntriesMax());
    }

    private static RocksStateStoreConfig tables(StorageConfig s) {
        return new RocksStateStoreConfig(
                s.readCacheBytes(),
                s.writeCacheBytes(),
                RocksStateStoreConfig.defaults().openFilesMax());
    }

    private static PartitionMachines.NodeSettings settings(BrokerConfig config) {
        StorageConfig storage = config.storage();
        return new PartitionMachines.NodeSettings(
                storage.preallocateBytes().toIntExact(),
                VERIFY_ON_OPEN_BYTES,
                config.producers().expiry().toMillis(),
                config.producers().countMax(),
                trimBytes(config.raft().logSegmentBytes()),
                new AppenderConfig(
                        config.append().entryBytesMax().toIntExact(),
                        (int) Math.min(
                                config.append().entryBytesMin().bytes(),
                                config.append().entryBytesMax().bytes()),
                        config.append().entryBatchesMax(),
                        config.append().entriesInFlightMax(),
                        config.append().inlineBytesMax().toIntExact(),
                        config.append().queueBytesMax().bytes()));
    }

    /** With files too large to fill by one entry, trimmed payload waits until they fill by themselves. */
    private static int trimBytes(ByteSize logSegment) {
        return logSegment.bytes() <= TRIM_BYTES_MAX ? logSegment.toIntExact() - ENTRY_MARGIN_BYTES : 0;
    }

    /** The one controller group's machine and its checkpoint file. */
    private record ControllerMachines(Path directory, Environment env, ImageHolder images)
            implements StateMachineFactory {

        @Override
        public StateMachine create(GroupId group) {
            return new ControllerStateMachine(group, directory, env.files(), images::publish);
        }

        @Override
        public void delete(GroupId group) throws IOException {
            for (Path file : env.files().list(directory)) {
                env.files().delete(directory.resolve(file));
            }
            env.files().delete(directory);
        }

        @Override
        public void setAside(GroupId group, Path target) throws IOException {
            if (Files.exists(directory)) {
                Files.move(directory, target.resolve("machine"), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }
}
