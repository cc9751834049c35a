package io.gq.partition;

import io.gq.core.GroupId;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.PayloadExtent;
import io.gq.core.store.StateStore;
import io.gq.partition.log.LogConfig;
import io.gq.partition.log.SegmentedLog;
import io.gq.partition.log.StoredEntry;
import io.gq.partition.log.StoredLogCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at the files of a replica that is not open: a machine that went down before everything was synced may have kept entries of the
 * Raft log whose payload is gone.
 */
public record PartitionExamination(StorageFiles files, StateStore store) {

    /** Nothing is written, and what a checkpoint covers is not read again. */
    private static final LogConfig READ_ONLY = new LogConfig(Integer.MAX_VALUE, Long.MAX_VALUE, 0, 0, true);

    /**
     * Reads all that the replica holds and says what is not as it was written. Changes nothing.
     *
     * @param directory holds the segments
     */
    public StoredPartition verify(GroupId group, Path directory, LogTail tail) throws IOException {
        CheckpointStore.Loaded loaded;
        try {
            loaded = new CheckpointStore(group, store).load();
        } catch (DamagedReplicaException e) {
            return new StoredPartition(0, 0, 0, List.of(String.valueOf(e.getMessage())));
        }
        StoredLogCheck check = new StoredLogCheck(directory, files);
        List<String> damage = new ArrayList<>(check.run(loaded.log()));
        long endOffset = loaded.meta().highWatermark();
        if (damage.isEmpty()) {
            try {
                PayloadExtent extent = examine(group, directory, READ_ONLY, tail);
                endOffset = extent.endOffset();
                if (extent.endIndex() < tail.endIndex()) {
                    damage.add("entry " + extent.endIndex() + " of the Raft log: its payload is missing or damaged");
                }
            } catch (DamagedReplicaException e) {
                damage.add(String.valueOf(e.getMessage()));
            }
        }
        return new StoredPartition(loaded.meta().startOffset(), endOffset, check.bytes(), damage);
    }

    /**
     * Changes nothing.
     *
     * @param directory holds the segments
     * @throws DamagedReplicaException where what a checkpoint covers is not there
     */
    public PayloadExtent examine(GroupId group, Path directory, LogConfig config, LogTail tail)
            throws IOException, DamagedReplicaException {
        CheckpointStore.Loaded loaded = new CheckpointStore(group, store).load();
        LogPosition checkpoint = loaded.meta().position();
        PartitionStateMachine.checkFollows(tail, checkpoint);
        List<StoredEntry> entries = PartitionStateMachine.stored(tail, checkpoint.index());
        int held = SegmentedLog.held(directory, files, config, loaded.log(), entries);
        return new PayloadExtent(
                checkpoint,
                held == entries.size() ? tail.endIndex() : entries.get(held).index(),
                loaded.meta().startOffset(),
                held == 0
                        ? loaded.meta().highWatermark()
                        : entries.get(held - 1).endOffset());
    }
}
