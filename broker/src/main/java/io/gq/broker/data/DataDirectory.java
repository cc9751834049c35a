package io.gq.broker.data;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory a node stores everything in. It belongs to one node of one cluster, and to one process at a time.
 *
 * <pre>
 *   (absent or empty) --open--> formatted: node id and incarnation --found--> founded: cluster id too, for ever
 * </pre>
 *
 * <p>Safe for use by many threads.
 */
public final class DataDirectory implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

    static final String LOCK = "gq.lock";
    private static final Set<String> NOBODYS = Set.of(LOCK, MetaFile.NAME + ".tmp", "lost+found");

    private final Path path;
    private final FileChannel lock;
    private final AddressCache addresses;
    private MetaFile meta;

    private DataDirectory(Path path, FileChannel lock, MetaFile meta) throws IOException {
        this.path = path;
        this.lock = lock;
        this.meta = meta;
        this.addresses = new AddressCache(path.resolve("gq.addresses"));
    }

    /**
     * Opens the directory; an absent or empty one is formatted for the node, with a new incarnation.
     *
     * @throws BrokerException DATA_DIR_IN_USE where another process has it; DATA_DIR_MISMATCH where it belongs to another node or
     *     holds files that are not gq's; STORAGE_ERROR where it cannot be written or its own files are damaged
     */
    public static DataDirectory open(Path directory, NodeId node, RandomGenerator random) {
        Path path = directory.toAbsolutePath().normalize();
        FileChannel lock = null;
        try {
            createPrivate(path);
            lock = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            takeLock(lock, path);
            return new DataDirectory(path, lock, meta(path, node, random));
        } catch (IOException e) {
            closeQuietly(lock);
            throw new BrokerException(
                    ErrorCode.STORAGE_ERROR,
                    "data_dir: " + path + " (expected: a directory the broker can write to): " + e,
                    e);
        } catch (RuntimeException e) {
            closeQuietly(lock);
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    /** The member this storage is, in every Raft group. */
    public synchronized PeerId peer() {
        return meta.peer();
    }

    /** Empty as long as the directory belongs to no cluster. */
    public synchronized Optional<String> clusterId() {
        return meta.clusterId();
    }

    /** The controller voters the cluster was founded with, as far as they were known when the node joined it. */
    public synchronized List<PeerId> founders() {
        return meta.founders();
    }

    /** Where other nodes were last seen. */
    public AddressCache addresses() {
        return addresses;
    }

    /**
     * Makes the directory part of a cluster; durable when it returns. Doing it again for the same cluster changes nothing.
     *
     * @throws BrokerException CLUSTER_MISMATCH where it belongs to another cluster
     */
    public synchronized void found(String clusterId, List<PeerId> founders) {
        if (meta.clusterId().isPresent()) {
            checkCluster(clusterId);
            return;
        }
        MetaFile founded = new MetaFile(meta.peer(), Optional.of(clusterId), founders);
        try {
            founded.write(path.resolve(MetaFile.NAME));
        } catch (IOException e) {
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "data_dir: " + path + " (expected: writable): " + e, e);
        }
        meta = founded;
        log.info("joined cluster={} peer={} founders={}", clusterId, meta.peer(), founders);
    }

    /** @throws BrokerException CLUSTER_MISMATCH where the directory belongs to another cluster */
    public synchronized void checkCluster(String clusterId) {
        meta.clusterId().filter(own -> !own.equals(clusterId)).ifPresent(own -> {
            throw new BrokerException(
                    ErrorCode.CLUSTER_MISMATCH,
                    "cluster of data_dir " + path + ": " + own + " (expected: " + clusterId
                            + ", the cluster of the other controllers)");
        });
    }

    /** Makes all files below these places of the directory durable, when nothing writes to them any more. */
    public void sync(Collection<Path> places) throws IOException {
        for (Path place : places) {
            DurableFiles.syncTree(path.resolve(place));
        }
    }

    /** Gives the directory free for another process. */
    @Override
    public void close() {
        closeQuietly(lock);
    }

    private static MetaFile meta(Path path, NodeId node, RandomGenerator random) throws IOException {
        Path file = path.resolve(MetaFile.NAME);
        if (Files.exists(file)) {
            MetaFile meta = MetaFile.read(file);
            if (!meta.peer().node().equals(node)) {
                throw new BrokerException(
                        ErrorCode.DATA_DIR_MISMATCH,
                        "node of data_dir " + path + ": " + meta.peer().node() + " (expected: " + node
                                + ", the configured node_id)");
            }
            return meta;
        }
        try (Stream<Path> files = Files.list(path)) {
            Optional<Path> stranger = files.filter(
                            f -> !NOBODYS.contains(f.getFileName().toString()))
                    .findFirst();
            if (stranger.isPresent()) {
                throw new BrokerException(
                        ErrorCode.DATA_DIR_MISMATCH,
                        "data_dir: " + path + " holds " + stranger.get().getFileName() + " but no " + MetaFile.NAME
                                + " (expected: a data directory of gq, or an empty one)");
            }
        }
        MetaFile meta = new MetaFile(
                new PeerId(node, String.format(Locale.ROOT, "%016x", random.nextLong())), Optional.empty(), List.of());
        meta.write(file);
        DurableFiles.syncDirectory(path.getParent() == null ? path : path.getParent());
        log.info("formatted dir={} peer={}", path, meta.peer());
        return meta;
    }

    private static void createPrivate(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return;
        }
        if (path.getParent() != null) {
            Files.createDirectories(path.getParent());
        }
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    static void takeLock(FileChannel channel, Path path) throws IOException {
        FileLock taken;
        try {
            taken = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            taken = null; // this very process
        }
        if (taken == null) {
            throw new BrokerException(
                    ErrorCode.DATA_DIR_IN_USE, "data_dir: " + path + " (expected: not used by another running broker)");
        }
    }

    static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            log.warn("closing the lock failed error={}", e.toString());
        }
    }
}
