package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the directory of a Raft server holds that does not run. Changes nothing. */
public final class StoredGroups {

    private final Path directory;
    private final int entryBytesMax;

    /** @param directory of the server, as {@link RaftNode} names it */
    public StoredGroups(Path directory, RaftConfig config) {
        this.directory = directory;
        this.entryBytesMax = config.entryBytesMax() * 2;
    }

    /** Every group the registry or the disk knows of, in the order of their ids' text. */
    public List<GroupId> all() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String place : List.of("registry", "groups")) {
            if (Files.isDirectory(directory.resolve(place))) {
                for (Path file : Directories.list(directory.resolve(place))) {
                    String name = String.valueOf(file.getFileName());
                    if (!name.endsWith(".tmp")) {
                        names.add(name);
                    }
                }
            }
        }
        List<GroupId> all = new ArrayList<>();
        for (String name : names) {
            try {
                all.add(GroupId.parse(name));
            } catch (IllegalArgumentException e) {
                throw new IOException(directory + ": " + name + " (expected: names of groups)", e);
            }
        }
        return all;
    }

    /** How many damaged replicas were set aside here and still lie there. */
    public int setAside() {
        Path damaged = directory.resolve("damaged");
        return Files.isDirectory(damaged) ? Directories.list(damaged).size() : 0;
    }

    /**
     * Where the group stands in its life: CREATED where it may have voted; else CREATING, DELETING or DISTRUSTED.
     *
     * @throws DamagedReplicaException where the registry's entry is missing or does not fit its checksum
     */
    public String state(GroupId group) throws IOException, DamagedReplicaException {
        Path file = directory.resolve("registry").resolve(group.toString());
        if (!Files.exists(file)) {
            throw new DamagedReplicaException("registry entry: missing (expected: " + file + ")");
        }
        try {
            return GroupRegistry.decode(file).state().name();
        } catch (IOException | RuntimeException e) {
            throw new DamagedReplicaException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Reads term, vote, configuration and log.
     *
     * @throws DamagedReplicaException where anything is missing or does not fit its checksum: what and where
     */
    public LogTail log(GroupId group) throws IOException, DamagedReplicaException {
        Path current = directory.resolve("groups").resolve(group.toString()).resolve("current");
        if (!Files.isDirectory(current)) {
            throw new DamagedReplicaException("Raft log: missing (expected: " + current + ")");
        }
        return RaftLogFiles.verify(current, entryBytesMax);
    }
}
