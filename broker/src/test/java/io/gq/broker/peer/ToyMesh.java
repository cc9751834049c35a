package io.gq.broker.peer;

import io.gq.core.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A {@link ToyCluster} whose brokers find out for themselves who lives: each sends beacons and watches the clocks of silence of the others
 * by the real {@link Liveness}, with the settings a broker has. A killed broker's connections break; a paused one's do not.
 */
final class ToyMesh {

    private static final Duration TICK = ToyCluster.CONFIG.beaconInterval().dividedBy(2);
    private static final Duration RAFT_HEARTBEAT = Duration.ofSeconds(1);

    final ToyCluster cluster;
    /** Who held whom for dead, as "2: 1 dead SILENT". */
    final List<String> news = new ArrayList<>();

    private final Map<NodeId, Liveness> liveness = new HashMap<>();

    ToyMesh(int size) {
        cluster = new ToyCluster(size);
        for (ToyCluster.Broker broker : cluster.brokers.values()) {
            liveness.put(
                    broker.node,
                    new Liveness(TICK, ToyCluster.CONFIG.silence(), ToyCluster.CONFIG.silenceMax(), cluster.nanos()));
            tick(broker, true);
            beatRaft(broker);
        }
        cluster.advance(500);
        news.clear();
    }

    private void tick(ToyCluster.Broker broker, boolean beacon) {
        cluster.scheduler.after(
                TICK,
                () -> broker.awake(() -> {
                    if (cluster.dead.contains(broker.node)) {
                        return;
                    }
                    if (beacon) {
                        cluster.brokers.values().forEach(other -> send(broker, other));
                    }
                    watch(broker)
                            .tick(cluster.nanos(), node -> OptionalLong.empty())
                            .forEach(v -> told(broker, v));
                    tick(broker, !beacon);
                }));
    }

    private void beatRaft(ToyCluster.Broker broker) {
        cluster.scheduler.every(RAFT_HEARTBEAT, () -> {
            if (!broker.paused && !cluster.dead.contains(broker.node)) {
                broker.beatRaft();
            }
        });
    }

    private void send(ToyCluster.Broker from, ToyCluster.Broker to) {
        if (from != to && cluster.reaches(from.node, to.node)) {
            cluster.scheduler.after(
                    cluster.delay,
                    () -> to.awake(
                            () -> watch(to).heard(from.node, cluster.nanos()).ifPresent(v -> told(to, v))));
        }
    }

    private Liveness watch(ToyCluster.Broker broker) {
        return liveness.get(broker.node);
    }

    private void told(ToyCluster.Broker broker, Verdict verdict) {
        news.add(broker.node + ": " + verdict.node() + (verdict.alive() ? " alive " : " dead ") + verdict.cause());
        int node = verdict.node().value();
        if (verdict.alive()) {
            broker.hearsAgain(node);
        } else {
            broker.holdsForDead(node, verdict.cause());
        }
    }

    /** Ends the process; the others' connections to it break. */
    void kill(int n) {
        cluster.kill(n);
        NodeId node = new NodeId(n);
        for (ToyCluster.Broker other : cluster.brokers.values()) {
            if (!cluster.dead.contains(other.node)) {
                cluster.scheduler.after(
                        cluster.delay,
                        () -> other.awake(() -> {
                            Optional<Verdict> lost = watch(other).lost(node, cluster.nanos());
                            lost.ifPresent(v -> told(other, v));
                        }));
            }
        }
    }

    void pause(int n) {
        cluster.broker(n).paused = true;
    }

    void goOn(int n) {
        cluster.broker(n).goOn();
    }

    /** What a broker found out, in order. */
    List<String> newsOf(int n) {
        return news.stream().filter(line -> line.startsWith(n + ": ")).toList();
    }
}
