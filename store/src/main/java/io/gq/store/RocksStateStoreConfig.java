package io.gq.store;

import io.gq.core.ByteSize;

/**
 * How much memory the store may take; the tables are small, and the broker's memory belongs to the page cache.
 *
 * @param blockCache blocks read from disk, and the memtables' reservation
 * @param memtables changes not yet flushed; when they reach it RocksDB flushes by itself
 * @param openFilesMax table files held open at a time
 */
public record RocksStateStoreConfig(ByteSize blockCache, ByteSize memtables, int openFilesMax) {

    public RocksStateStoreConfig {
        requireAtLeast("blockCache", blockCache, 1 << 20);
        requireAtLeast("memtables", memtables, 1 << 20);
        if (openFilesMax < 16) {
            throw new IllegalArgumentException("openFilesMax: " + openFilesMax + " (expected: >= 16)");
        }
    }

    /** 24 MB in total. */
    public static RocksStateStoreConfig defaults() {
        return new RocksStateStoreConfig(new ByteSize(24 << 20), new ByteSize(16 << 20), 256);
    }

    private static void requireAtLeast(String name, ByteSize size, long min) {
        if (size.bytes() < min) {
            throw new IllegalArgumentException(name + ": " + size + " (expected: >= " + new ByteSize(min) + ")");
        }
    }
}
