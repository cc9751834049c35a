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
import io.gq.core.ByteSize;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.StateMachine;
import io.gq.core.store.StateStore;
import io.gq.core.time.Scheduler;
import io.gq.partition.PartitionMachineFactory;
import io.gq.partition.PartitionMetrics;
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
import io.gq.store.RocksStateStore;
import io.gq.store.RocksStateStoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node's disk and Raft ports carry: the two Raft servers, the state store, the flusher of the disk.
 *
 * <pre>
 *   data_dir/controller/   Raft server of the controller group, and its machine's checkpoint
 *   data_dir/raft/         Raft server of the partitions: votes and entry headers
 *   data_dir/partitions/   segments, a directory a group
 *   data_dir/state/        small tables
 * </pre>
 */
public final class NodeHost implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeHost.class);
    private static final long VERIFY_ON_OPEN_BYTES = 8L << 20;
    /** Room for what Ratis writes around a command, and for the few entries that a file may hold when a trim must not fit any more. */
    private static final int ENTRY_MARGIN_BYTES = 512;

    private static final long TRIM_BYTES_MAX = 1 << 20;

    /**
     * What a host takes from the process.
     *
     * @param events tells of leaders; does not wait behind {@code background}
     */
    public record Environment(
            StorageFiles files,
            InstantSource clock,
            LongSupplier nanoClock,
            Scheduler scheduler,
            Executor events,
            Executor background,
            Executor flusher,
            Executor syncs,
            PartitionMetrics metrics) {}

    private final StateStore store;
    private final RaftHost controllerRaft;
    private final RaftHost partitionRaft;
    private final StateMachineFactory controllerMachines;
    private final PartitionMachines partitionMachines;

    private NodeHost(
            StateStore store,
            RaftHost controllerRaft,
            RaftHost partitionRaft,
            StateMachineFactory controllerMachines,
            PartitionMachines partitionMachines) {
        this.store = store;
        this.controllerRaft = controllerRaft;
        this.partitionRaft = partitionRaft;
        this.controllerMachines = controllerMachines;
        this.partitionMachines = partitionMachines;
    }

    /**
     * Opens the disk and listens on the Raft ports; opens no group yet.
     *
     * @param controllerEvents and {@code partitionEvents} hear what happens to groups by itself
     * @param damaged told that stored bytes of a partition fail their checksum
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
            BiConsumer<GroupId, String> damaged)
            throws IOException {
        AddressBook book = new AddressBook();
        peers.onAddress(a -> raftKind(
                a.listener(),
                kind -> book.put(
                        kind, a.node(), a.endpoint().getHost(), a.endpoint().getPort())));
        StateStore store = RocksStateStore.open(dataDir.resolve("state"), tables(config.storage()));
        StateMachineFactory controllerMachines =
                new ControllerMachines(dataDir.resolve("controller/machine"), env, images);
        PartitionMachines partitionMachines = new PartitionMachines(
                dataDir.resolve("partitions"),
                env.files(),
                store,
                new PartitionMachineFactory(
                        env.files(), new DiskFlusher(env.flusher(), env.syncs()), store, env.metrics()),
                images,
                configInForce,
                settings(config),
                env.clock(),
                damaged);
        RaftHost controllerRaft = null;
        try {
            controllerRaft = raft(
                    RaftHostKind.CONTROLLER,
                    self,
                    dataDir.resolve("controller/raft"),
                    config,
                    config.listener(Listener.CONTROLLER),
                    controllerRaft(config.raft()),
                    raftEnvironment(book, snapshots, controllerEvents, env));
            RaftHost partitionRaft = raft(
                    RaftHostKind.PARTITIONS,
                    self,
                    dataDir.resolve("raft"),
                    config,
                    config.listener(Listener.RAFT),
                    partitionRaft(config.raft()),
                    raftEnvironment(book, snapshots, partitionEvents, env));
            return new NodeHost(store, controllerRaft, partitionRaft, controllerMachines, partitionMachines);
        } catch (RuntimeException | IOException e) {
            if (controllerRaft != null) {
                controllerRaft.close();
            }
            store.close();
            throw e;
        }
    }

    public RaftHost controllerRaft() {
        return controllerRaft;
    }

    public RaftHost partitionRaft() {
        return partitionRaft;
    }

    StateMachineFactory controllerMachines() {
        return controllerMachines;
    }

    PartitionMachines partitionMachines() {
        return partitionMachines;
    }

    /** Closes every group and both servers, then the store. */
    @Override
    public void close() {
        partitionRaft.close();
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
                env.background());
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
