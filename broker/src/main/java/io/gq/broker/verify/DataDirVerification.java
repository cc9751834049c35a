package io.gq.broker.verify;

import io.gq.broker.data.StoppedDirectory;
import io.gq.broker.host.ControllerHost;
import io.gq.controller.ControllerStateMachine;
import io.gq.controller.image.ClusterImage;
import io.gq.core.BrokerException;
import io.gq.core.GroupId;
import io.gq.core.TopicPartition;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogTail;
import io.gq.core.store.StateStore;
import io.gq.partition.PartitionExamination;
import io.gq.partition.StoredPartition;
import io.gq.raft.RaftConfig;
import io.gq.raft.StoredGroups;
import io.gq.store.RocksStateStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads everything in a data directory that has a checksum: what the directory says of itself, the small tables, the controller's log
 * and checkpoint, and of each partition the Raft log, the indexes and every record. Changes nothing. One thread.
 */
public final class DataDirVerification {

    private final StoppedDirectory directory;
    private final StorageFiles files;
    private final Consumer<Finding> report;
    private int findings;
    private int damaged;
    private int setAside;

    /** @param report told of each part when it was read */
    public DataDirVerification(StoppedDirectory directory, StorageFiles files, Consumer<Finding> report) {
        this.directory = directory;
        this.files = new ReadOnlyFiles(files);
        this.report = report;
    }

    /** @return whether all is as it was written */
    public boolean run() {
        Optional<String> clusterId = meta();
        ClusterImage image = clusterId.map(this::controller).orElse(ClusterImage.EMPTY);
        try (RocksStateStore tables = tables()) {
            partitions("raft", image, tables);
            partitions("raft_replicated", image, tables);
        }
        return damaged == 0;
    }

    /** Parts read. */
    public int parts() {
        return findings;
    }

    /** Damaged replicas that brokers set aside in this directory; they are nobody's any more. */
    public int setAside() {
        return setAside;
    }

    private void found(String part, Object place, String summary, List<String> damage) {
        findings++;
        damaged += damage.isEmpty() ? 0 : 1;
        report.accept(new Finding(part, place.toString(), summary, damage));
    }

    private Optional<String> meta() {
        Path file = directory.path().resolve("gq.meta");
        try {
            Optional<String> clusterId = directory.clusterId();
            found("meta", file, clusterId.map(id -> "cluster " + id).orElse("of no cluster yet"), List.of());
            return clusterId;
        } catch (BrokerException e) {
            found("meta", file, "", List.of(String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    private @Nullable RocksStateStore tables() {
        Path state = directory.path().resolve("state");
        if (!files.exists(state)) {
            return null;
        }
        try {
            RocksStateStore tables = RocksStateStore.openVerified(state);
            found("tables", state, "whole", List.of());
            return tables;
        } catch (BrokerException e) {
            found("tables", state, "", List.of(String.valueOf(e.getMessage())));
            return null;
        }
    }

    /** @return what the controller's replica here knows of the cluster, which gives groups their names */
    private ClusterImage controller(String clusterId) {
        GroupId group = ControllerHost.groupOf(clusterId);
        StoredGroups groups = new StoredGroups(directory.path().resolve("controller/raft"), RaftConfig.controller());
        Path machine = directory.path().resolve("controller/machine");
        ControllerStateMachine controller = new ControllerStateMachine(group, machine, files, published -> {});
        try {
            setAside += groups.setAside();
            if (!groups.all().contains(group)) {
                found("controller", group, "no replica here", List.of());
                return ClusterImage.EMPTY;
            }
            groups.state(group);
            LogTail tail = groups.log(group);
            controller.open(tail);
            for (Entry entry : tail.commands()) {
                controller.apply(entry); // committed or not: only for the names of new topics
            }
            String summary = "log [" + tail.startIndex() + "," + tail.endIndex() + ")";
            found("controller", group, summary, List.of());
            return controller.image();
        } catch (DamagedReplicaException | IOException | RuntimeException e) {
            found("controller", group, "", List.of(String.valueOf(e.getMessage())));
            return ClusterImage.EMPTY;
        }
    }

    private void partitions(String server, ClusterImage image, @Nullable StateStore tables) {
        StoredGroups groups = new StoredGroups(directory.path().resolve(server), RaftConfig.partitions());
        setAside += groups.setAside();
        List<GroupId> all;
        try {
            all = groups.all();
        } catch (IOException e) {
            found(server, directory.path().resolve(server), "", List.of(String.valueOf(e.getMessage())));
            return;
        }
        for (GroupId group : all) {
            partition(groups, group, name(image, group), tables);
        }
    }

    private static String name(ClusterImage image, GroupId group) {
        return image.group(group)
                .map(g -> new TopicPartition(g.topic().name(), g.partition().partition()).toString())
                .orElse("(no topic known)");
    }

    private void partition(StoredGroups groups, GroupId group, String name, @Nullable StateStore tables) {
        List<String> damage = new ArrayList<>();
        String summary = "";
        try {
            String state = groups.state(group);
            if (state.equals("CREATING") || state.equals("DELETING")) {
                summary = state.equals("CREATING") ? "never finished, and will be made anew" : "being deleted";
            } else {
                LogTail tail = groups.log(group);
                summary = "log [" + tail.startIndex() + "," + tail.endIndex() + ")";
                if (tables == null) {
                    damage.add("records not read, because the tables could not be");
                } else {
                    Path segments = directory.path().resolve("partitions").resolve(group.toString());
                    StoredPartition stored = new PartitionExamination(files, tables).verify(group, segments, tail);
                    damage.addAll(stored.damage());
                    summary += " offsets [" + stored.startOffset() + "," + stored.endOffset() + ") bytes "
                            + stored.bytes();
                }
                if (state.equals("DISTRUSTED")) {
                    summary += ", may have forgotten records and waits to be taken in anew";
                }
            }
        } catch (DamagedReplicaException | IOException | RuntimeException e) {
            damage.add(String.valueOf(e.getMessage()));
        }
        found(name, group, summary, damage);
    }
}
