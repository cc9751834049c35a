package io.gq.broker.data;

import java.io.IOException;
import java.util.function.LongSupplier;

/** A disk of which record batches may take no more than a quota: as if it were that small. */
public final class QuotaDisk implements DiskGuard.Disk {

    private final DiskGuard.Disk disk;
    private final long quotaBytes;
    private final LongSupplier storedBytes;

    /**
     * The disk with a quota.
     *
     * @param quotaBytes 0: none, the disk as it is
     * @param storedBytes what record batches take now
     */
    public static DiskGuard.Disk of(DiskGuard.Disk disk, long quotaBytes, LongSupplier storedBytes) {
        return quotaBytes == 0 ? disk : new QuotaDisk(disk, quotaBytes, storedBytes);
    }

    private QuotaDisk(DiskGuard.Disk disk, long quotaBytes, LongSupplier storedBytes) {
        this.disk = disk;
        this.quotaBytes = quotaBytes;
        this.storedBytes = storedBytes;
    }

    @Override
    public long freeBytes() throws IOException {
        return Math.min(disk.freeBytes(), Math.max(0, quotaBytes - storedBytes.getAsLong()));
    }

    @Override
    public void probe() throws IOException {
        disk.probe();
    }
}
