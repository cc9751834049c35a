package io.gq.raft;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.DamagedReplicaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of a server as its disk knows them: a directory for each, those of damaged ones apart, and the registry, which tells a group
 * that never was here from one whose files are gone. Each step is durable before the next, so a crash leaves what can be told apart.
 */
final class GroupFiles {

    private static final Logger LOG = LoggerFactory.getLogger(GroupFiles.class);
    private static final DateTimeFormatter SET_ASIDE_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private final PeerId self;
    private final InstantSource clock;
    private final Path root;
    private final Path damaged;
    private final GroupRegistry registry;

    /** @param directory of the server; made where it is missing */
    GroupFiles(Path directory, PeerId self, InstantSource clock) throws IOException {
        this.self = self;
        this.clock = clock;
        this.root = directory.resolve("groups");
        this.damaged = directory.resolve("damaged");
        Files.createDirectories(root);
        this.registry = new GroupRegistry(directory.resolve("registry"));
    }

    /** Holds the groups' directories. */
    Path root() {
        return root;
    }

    Path directory(GroupId group) {
        return root.resolve(group.toString());
    }

    GroupRegistry registry() {
        return registry;
    }

    /** The voters that the group was created with here; empty where it joined, or is not known. */
    List<PeerId> founders(GroupId group) throws IOException {
        return registry.find(group).map(GroupRegistry.Entry::founders).orElse(List.of());
    }

    /** Sees to it that the group's directory is there, and returns the voters to start with where Ratis knows of none yet. */
    List<PeerId> prepare(GroupId group, List<PeerId> founders, StateMachineFactory factory, long term)
            throws IOException, DamagedReplicaException {
        Optional<GroupRegistry.Entry> known = registry.find(group);
        boolean present = Files.exists(directory(group));
        if (known.isPresent() && known.get().state() == GroupRegistry.State.DELETING) {
            throw new BrokerException(ErrorCode.INVALID_REQUEST, "group: " + group + " is being deleted");
        }
        if (known.isPresent() && known.get().state() == GroupRegistry.State.CREATED) {
            if (present) {
                return known.get().founders();
            }
            if (!founders.isEmpty()) {
                throw new BrokerException(
                        ErrorCode.REPLICA_DAMAGED,
                        "group: " + group + " was created here before and its files are gone");
            }
        } else if (known.isPresent() && known.get().state() == GroupRegistry.State.DISTRUSTED) {
            if (!founders.isEmpty()) {
                throw new BrokerException(
                        ErrorCode.REPLICA_DAMAGED,
                        "group: " + group
                                + " may have forgotten entries here (expected: it rejoins, without founders)");
            }
            factory.delete(group); // the others dismissed it, and go on without what is here
        } else if (known.isEmpty() && present) {
            throw new DamagedReplicaException("registry entry: missing (expected: one for " + group + ")");
        }
        registry.put(group, new GroupRegistry.Entry(GroupRegistry.State.CREATING, founders));
        format(group, term);
        registry.put(group, new GroupRegistry.Entry(GroupRegistry.State.CREATED, founders));
        return founders;
    }

    /**
     * Makes an empty replica that has not voted, or has no vote left in the term given. Before its end the group is not known as created,
     * so a crash leaves nothing behind.
     */
    private void format(GroupId group, long term) throws IOException {
        Directories.delete(directory(group));
        RaftStorage storage = RaftStorage.newBuilder()
                .setDirectory(directory(group).toFile())
                .setOption(RaftStorage.StartupOption.FORMAT)
                .setStorageFreeSpaceMin(RaftServerConfigKeys.STORAGE_FREE_SPACE_MIN_DEFAULT)
                .setLogCorruptionPolicy(RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION)
                .build();
        storage.initialize();
        if (term > 0) {
            storage.getMetadataFile().persist(RaftStorageMetadata.valueOf(term, RaftPeerId.valueOf(self.toString())));
        }
        storage.close();
        Directories.sync(directory(group).resolve("current"));
        Directories.sync(directory(group));
        Directories.sync(root);
    }

    /** Tells a disk that never held the group from one that lost it. */
    RaftHost.Presence presence(GroupId group) {
        try {
            boolean files = Files.exists(directory(group));
            GroupRegistry.Entry entry = registry.find(group).orElse(null);
            if (entry == null) {
                return files ? RaftHost.Presence.PRESENT : RaftHost.Presence.NONE;
            }
            return switch (entry.state()) {
                // Begun and not finished: it has never voted. A founder begins again, a joining replica goes on
                // joining.
                case CREATING -> entry.founders().isEmpty() ? RaftHost.Presence.GONE : RaftHost.Presence.NONE;
                case DISTRUSTED -> RaftHost.Presence.DISTRUSTED;
                case CREATED -> files ? RaftHost.Presence.PRESENT : RaftHost.Presence.GONE;
                case DELETING -> RaftHost.Presence.PRESENT;
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The groups that were created on this disk and not deleted. */
    Set<GroupId> known() {
        try {
            return Set.copyOf(registry.all().keySet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From here on the group is known as one that is being deleted. Nothing happens where it is not known. */
    void beginDelete(GroupId group) throws IOException {
        if (registry.find(group).isPresent()) {
            registry.put(group, new GroupRegistry.Entry(GroupRegistry.State.DELETING, List.of()));
        }
    }

    /** Deletes all files of the group, which is closed, and forgets it. */
    void delete(GroupId group, StateMachineFactory factory) throws IOException {
        Directories.delete(directory(group));
        factory.delete(group);
        registry.remove(group);
    }

    /** Moves what is left of a group out of the way, for a person to look at; what cannot be moved stays. */
    void setAside(GroupId group, StateMachineFactory factory) {
        Path target = damaged.resolve(group + "-" + SET_ASIDE_TIME.format(clock.instant()));
        try {
            Files.createDirectories(target);
            if (Files.exists(directory(group))) {
                Files.move(directory(group), target.resolve("raft"), StandardCopyOption.ATOMIC_MOVE);
                Directories.sync(root);
            }
            factory.setAside(group, target);
            Directories.sync(target);
            LOG.warn("damaged group set aside group={} directory={}", group, target);
        } catch (IOException e) {
            LOG.error("damaged group could not be set aside group={}", group, e);
        }
    }
}
