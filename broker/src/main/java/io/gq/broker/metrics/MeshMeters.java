package io.gq.broker.metrics;

import io.gq.broker.peer.Mesh;
import io.gq.broker.peer.MeshMetrics;
import io.gq.broker.peer.Verdict;
import io.gq.proto.v1.MeshPeer;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the mesh counts, as meters. */
public final class MeshMeters implements MeshMetrics {

    private final Map<Verdict.Cause, LongConsumer> deaths = new EnumMap<>(Verdict.Cause.class);
    private final LongConsumer stood;
    private final LongConsumer couldNotStand;
    private final LongConsumer decidedAnew;
    private final LongConsumer succession;
    private final LongConsumer leftToTimeouts;

    /** @param mesh null until the node belongs to a cluster */
    public MeshMeters(BrokerMetrics metrics, Supplier<@Nullable Mesh> mesh) {
        for (Verdict.Cause cause : Verdict.Cause.values()) {
            if (cause != Verdict.Cause.HEARD) {
                deaths.put(
                        cause,
                        metrics.counter(
                                "gq_mesh_deaths",
                                "Times another broker was held for dead",
                                Map.of("cause", cause.name().toLowerCase(Locale.ROOT))));
            }
        }
        stood = metrics.counter(
                "gq_mesh_elections", "Elections replicas here stood in because a leader's broker died", Map.of());
        couldNotStand = metrics.counter(
                "gq_mesh_elections_refused", "Replicas here that were to stand and could not any more", Map.of());
        decidedAnew = metrics.counter(
                "gq_mesh_elections_repeated",
                "Times a replica here got its turn again because an election left its group without a leader",
                Map.of());
        succession = metrics.timer(
                "gq_mesh_succession", "From a broker's death, as noticed, to another leader of its group", Map.of());
        leftToTimeouts = metrics.counter(
                "gq_mesh_left_to_timeouts", "Groups of dead brokers left to Raft's own election timeouts", Map.of());
        metrics.gauge(
                "gq_mesh_peers_alive",
                "Other brokers that live, as seen from here",
                Map.of(),
                () -> peers(mesh).filter(p -> p.getState().equals("ALIVE")).count());
        metrics.gauge(
                "gq_mesh_peers_dead",
                "Other brokers that are held for dead",
                Map.of(),
                () -> peers(mesh)
                        .filter(p -> p.getState().equals("DEAD") || p.getState().equals("STALLED"))
                        .count());
        metrics.gauge(
                "gq_mesh_gap_max_seconds",
                "Longest gap between the beacons of a broker in the last 10 to 20 s",
                Map.of(),
                () -> peers(mesh).mapToLong(MeshPeer::getGapMaxMs).max().orElse(0) / 1000.0);
        metrics.gauge(
                "gq_mesh_pauses", "Times this broker found that it had been paused or starved itself", Map.of(), () -> {
                    Mesh present = mesh.get();
                    return present == null ? 0 : present.pauses();
                });
    }

    private static Stream<MeshPeer> peers(Supplier<@Nullable Mesh> mesh) {
        Mesh present = mesh.get();
        return (present == null ? List.<MeshPeer>of() : present.describe()).stream();
    }

    @Override
    public void died(Verdict.Cause cause) {
        LongConsumer counter = deaths.get(cause);
        if (counter != null) {
            counter.accept(1);
        }
    }

    @Override
    public void stood() {
        stood.accept(1);
    }

    @Override
    public void couldNotStand() {
        couldNotStand.accept(1);
    }

    @Override
    public void decidedAnew() {
        decidedAnew.accept(1);
    }

    @Override
    public void succeeded(long nanos) {
        succession.accept(nanos);
    }

    @Override
    public void leftToTimeouts() {
        leftToTimeouts.accept(1);
    }
}
