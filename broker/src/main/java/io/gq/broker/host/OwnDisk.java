package io.gq.broker.host;

import io.gq.broker.peer.Mesh;
import io.gq.core.GroupId;
import io.gq.core.time.Scheduler;
import io.gq.raft.RaftHost;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at all logs of this node that are synced, and says when none of them gets on to the disk. Those that are not synced
 * ({@code durability=replicated}) get on as long as there is room in the page cache, and say nothing of the disk. Belongs to one thread,
 * the scheduler's.
 */
final class OwnDisk implements Mesh.OwnDisk {

    private static final Logger LOG = LoggerFactory.getLogger(OwnDisk.class);
    static final Duration LOOK = Duration.ofMillis(250);

    private final Supplier<Map<GroupId, Long>> logs;
    private final DiskStall disk;
    private final Scheduler scheduler;
    private final Executor disks;
    private final LongSupplier nanoClock;
    private boolean said;
    private Scheduler.Cancellable looking = () -> {};

    /**
     * @param limit after which the disk is said to stall
     * @param disks runs calls that wait for the disk: the log, too, may lie on the one that stalls, and the mesh must not wait for it
     */
    OwnDisk(
            Supplier<Map<GroupId, Long>> logs,
            Duration limit,
            Scheduler scheduler,
            Executor disks,
            LongSupplier nanoClock) {
        this.logs = logs;
        this.disk = new DiskStall(LOOK, limit, nanoClock.getAsLong());
        this.scheduler = scheduler;
        this.disks = disks;
        this.nanoClock = nanoClock;
    }

    /** The logs that wait for the disk. */
    static Map<GroupId, Long> waiting(List<RaftHost> hosts) {
        Map<GroupId, Long> waiting = new HashMap<>();
        hosts.stream().filter(RaftHost::synced).forEach(host -> waiting.putAll(host.waitingWrites()));
        return waiting;
    }

    void start() {
        looking = scheduler.every(LOOK, this::look);
    }

    void stop() {
        looking.cancel();
    }

    private void look() {
        disk.look(logs.get(), nanoClock.getAsLong());
        if (disk.stalled() && !said) {
            said = true;
            disks.execute(() -> LOG.warn("the disk writes nothing, others are to lead until it does"));
        } else if (said && !disk.stalled()) {
            said = false;
            disks.execute(() -> LOG.info("the disk writes again"));
        }
    }

    @Override
    public boolean stalled() {
        return disk.stalled();
    }

    @Override
    public boolean slow() {
        return disk.slow();
    }
}
