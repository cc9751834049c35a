package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * The node's disk.
 *
 * @param preallocateBytes segments grow on disk in steps of at most this
 * @param syncsMax of files, under way at a time
 * @param flusherThreads that delete files, and sync those nobody waits for, for all partitions
 * @param writeCacheBytes changes of the small tables that are not written out yet
 * @param readCacheBytes what is kept in memory of the small tables; holds the write cache too
 * @param cleanupInterval how often retention is looked at
 * @param storedBytesMax what record batches may take on this node, of which the reserve stays free too; 0: no limit
 * @param diskReserveBytes produce is refused with DISK_FULL while less than this is free
 * @param diskCheckInterval how often free space is looked at
 */
public record StorageConfig(
        ByteSize preallocateBytes,
        int syncsMax,
        int flusherThreads,
        ByteSize writeCacheBytes,
        ByteSize readCacheBytes,
        Duration cleanupInterval,
        ByteSize storedBytesMax,
        ByteSize diskReserveBytes,
        Duration diskCheckInterval) {

    public StorageConfig {
        new Checks("storage.")
                .range("preallocate_bytes", preallocateBytes, "4KB", "1GB")
                .range("syncs_max", syncsMax, 1, 4096)
                .range("flusher_threads", flusherThreads, 1, 256)
                .range("write_cache_bytes", writeCacheBytes, "1MB", "64GB")
                .range("read_cache_bytes", readCacheBytes, "1MB", "64GB")
                .that(
                        readCacheBytes.bytes() >= writeCacheBytes.bytes(),
                        "read_cache_bytes",
                        readCacheBytes,
                        "at least storage.write_cache_bytes: " + writeCacheBytes)
                .range("cleanup_interval", cleanupInterval, "100ms", "1d")
                .range("stored_bytes_max", storedBytesMax, "0", "1024TB")
                .that(
                        storedBytesMax.bytes() == 0 || storedBytesMax.bytes() >= 2 * diskReserveBytes.bytes(),
                        "stored_bytes_max",
                        storedBytesMax,
                        "0, or at least twice storage.disk_reserve_bytes: " + diskReserveBytes)
                .range("disk_reserve_bytes", diskReserveBytes, "0", "1024TB")
                .range("disk_check_interval", diskCheckInterval, "50ms", "10m")
                .done();
    }
}
