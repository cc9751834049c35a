package io.gq.broker;

import io.gq.broker.data.BootRecord;
import io.gq.broker.data.DataDirectory;
import io.gq.broker.host.NodeHost;
import io.gq.core.BrokerException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out at the start whether the disk may have forgotten what was not synced, and sees to it that a stop leaves no doubt. */
final class SyncedStop {

    /** For tests, which cannot restart the machine. */
    private static final Path BOOT_ID = Path.of(System.getProperty("gq.boot_id_file", BootRecord.BOOT_ID.toString()));

    private static final Logger LOG = LoggerFactory.getLogger(SyncedStop.class);

    private final DataDirectory data;
    private final BootRecord record;
    private volatile boolean storageFailed;

    private SyncedStop(DataDirectory data, BootRecord record) {
        this.data = data;
        this.record = record;
    }

    /** Before any group is opened: replicas that may have forgotten something are marked for good, then the new run is recorded. */
    static SyncedStop begin(DataDirectory data, NodeHost host) {
        BootRecord record = new BootRecord(data.path(), BootRecord.bootId(BOOT_ID));
        if (record.mayHaveForgotten()) {
            host.distrustUnsynced();
        }
        record.running();
        return new SyncedStop(data, record);
    }

    /** A write or a sync failed: nobody knows any more what is on the disk, and this run will not count as stopped cleanly. */
    void storageFailed() {
        storageFailed = true;
    }

    /** Closes the host, syncs what it left unsynced, and records that. */
    void close(NodeHost host) {
        List<Path> unsynced = host.unsynced();
        host.close();
        if (storageFailed) {
            return;
        }
        try {
            data.sync(unsynced);
            record.stopped();
        } catch (IOException | BrokerException e) {
            LOG.error("not everything could be synced at the stop cause={}", e.toString());
        }
    }
}
