package io.gq.broker.host;

import io.gq.broker.peer.Mesh;
import io.gq.core.time.Scheduler;
import io.gq.raft.RaftHost;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the logs of all disks of this node, and says when one of them stalls. Belongs to one thread, the scheduler's. */
final class OwnDisks implements Mesh.OwnDisks {

    private static final Logger LOG = LoggerFactory.getLogger(OwnDisks.class);
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Map<RaftHost, DiskStall> disks = new LinkedHashMap<>();
    private final Scheduler scheduler;
    private final LongSupplier nanoClock;
    private boolean stalled;
    private Scheduler.Cancellable looking = () -> {};

    /** @param limit after which a disk is said to stall */
    OwnDisks(List<RaftHost> hosts, Duration limit, Scheduler scheduler, LongSupplier nanoClock) {
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
        hosts.forEach(host -> disks.put(host, new DiskStall(LOOK, limit, nanoClock.getAsLong())));
    }

    void start() {
        looking = scheduler.every(LOOK, this::look);
    }

    void stop() {
        looking.cancel();
    }

    private void look() {
        disks.forEach((host, disk) -> disk.look(host.writes(), nanoClock.getAsLong()));
        boolean before = stalled;
        stalled = disks.values().stream().anyMatch(DiskStall::stalled);
        if (stalled && !before) {
            LOG.warn("the disk writes nothing, others are to lead until it does");
        } else if (before && !stalled) {
            LOG.info("the disk writes again");
        }
    }

    @Override
    public boolean stalled() {
        return stalled;
    }

    @Override
    public boolean slow() {
        return disks.values().stream().anyMatch(DiskStall::slow);
    }
}
