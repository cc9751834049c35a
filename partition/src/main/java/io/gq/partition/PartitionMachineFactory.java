package io.gq.partition;

import io.gq.core.GroupId;
import io.gq.core.io.StorageFiles;
import io.gq.core.store.StateStore;
import io.gq.partition.log.DiskFlusher;
import java.nio.file.Path;

/**
 * Makes the partitions of one disk.
 *
 * @param flusher the disk's
 */
public record PartitionMachineFactory(
        StorageFiles files, DiskFlusher flusher, StateStore store, PartitionMetrics metrics) {

    /** A replica that is yet to be opened. */
    public PartitionStateMachine create(
            GroupId group, Path directory, PartitionConfig config, ReplicaListener listener) {
        return new PartitionStateMachine(group, directory, files, flusher, store, config, metrics, listener);
    }
}
