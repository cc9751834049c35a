package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * The node's disk.
 *
 * @param preallocateBytes segments grow on disk in steps of this
 * @param flusherThreads that sync files; they serve all partitions
 * @param cleanupInterval how often retention is looked at
 * @param diskReserveBytes produce is refused with DISK_FULL while less than this is free
 * @param diskCheckInterval how often free space is looked at
 */
public record StorageConfig(
        ByteSize preallocateBytes,
        int flusherThreads,
        Duration cleanupInterval,
        ByteSize diskReserveBytes,
        Duration diskCheckInterval) {

    public StorageConfig {
        new Checks("storage.")
                .range("preallocate_bytes", preallocateBytes, "4KB", "1GB")
                .range("flusher_threads", flusherThreads, 1, 256)
                .range("cleanup_interval", cleanupInterval, "100ms", "1d")
                .range("disk_reserve_bytes", diskReserveBytes, "0", "1024TB")
                .range("disk_check_interval", diskCheckInterval, "50ms", "10m")
                .done();
    }
}
