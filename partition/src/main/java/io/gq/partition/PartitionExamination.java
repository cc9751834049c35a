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
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Looks at the files of a replica that is not open: a machine that went down before everything was synced may have kept entries of the
 * Raft log whose payload is gone.
 */
public record PartitionExamination(StorageFiles files, StateStore store) {

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
