package io.gq.broker.host;

import io.gq.broker.config.MeshConfig;
import io.gq.broker.metadata.LeaderTable;
import io.gq.broker.peer.ElectionDriver;
import io.gq.broker.peer.Mesh;
import io.gq.broker.peer.MeshChannels;
import io.gq.broker.peer.MeshMetrics;
import io.gq.broker.peer.PeerTable;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The liveness mesh of this node and the elections it starts, put together. */
public final class Failover {

    /**
     * Threads and connections of failover, apart from those that carry records.
     *
     * @param mesh runs one task at a time, promptly
     * @param meshScheduler its tasks run there too
     * @param elections runs one task at a time
     * @param disk runs calls that wait for the disk, several at a time
     */
    public record Resources(
            Executor mesh,
            Scheduler meshScheduler,
            Executor elections,
            Executor disk,
            MeshChannels channels,
            MeshMetrics metrics) {}

    /** After such a silence connections are held for stuck. */
    private static final long LONG_SILENCE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Mesh mesh;
    private final OwnDisk disk;

    /** @param foundAgain told of a broker that is heard again after a long silence */
    Failover(
            PeerId self,
            String clusterId,
            MeshConfig config,
            Resources resources,
            Supplier<Set<NodeId>> others,
            PeerTable peers,
            LeaderTable leaders,
            NodeHost host,
            Consumer<NodeId> foundAgain,
            LongSupplier nanoClock) {
        HostElectorate electorate = new HostElectorate(host);
        ElectionDriver driver = new ElectionDriver(
                self.node(),
                config,
                electorate,
                this::alive,
                (to, obituary) -> mesh().post(to, obituary),
                leaders::silent,
                resources.elections(),
                resources.disk(),
                resources.meshScheduler(),
                nanoClock,
                resources.metrics());
        disk = new OwnDisk(
                () -> OwnDisk.waiting(host.rafts()),
                config.diskStall(),
                resources.meshScheduler(),
                resources.disk(),
                nanoClock);
        mesh = new Mesh(
                self,
                clusterId,
                config,
                new Mesh.Environment(
                        resources.mesh(),
                        resources.meshScheduler(),
                        nanoClock,
                        others,
                        electorate::lastAppendNanos,
                        disk,
                        peers,
                        resources.channels()),
                verdict -> {
                    driver.changed(verdict);
                    if (verdict.alive() && verdict.silentNanos() > LONG_SILENCE_NANOS) {
                        foundAgain.accept(verdict.node());
                    }
                },
                driver::heard);
    }

    private Set<NodeId> alive() {
        return mesh.alive();
    }

    public Mesh mesh() {
        return mesh;
    }

    void start() {
        disk.start();
        mesh.start();
    }

    void stop() {
        disk.stop();
        mesh.stop();
    }
}
