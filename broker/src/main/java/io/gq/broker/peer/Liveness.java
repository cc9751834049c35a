package io.gq.broker.peer;

import io.gq.core.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who of the other brokers runs, decided from what was heard of them and when. Pure: time comes in with every call. Not thread-safe.
 *
 * <pre>
 *   UNKNOWN --heard--> ALIVE --silent, lost, refused--> DEAD --heard--> ALIVE
 *   UNKNOWN --refused--> DEAD
 *   ALIVE --says that its disk stalls--> DEAD (shown as STALLED), until it says otherwise
 * </pre>
 *
 * <p>Silence counts only while this broker watches: a tick that comes late says that we were paused or starved ourselves, and all clocks
 * of silence begin anew. Where a broker's beacons come unevenly its limit rises with the longest gap of late, so that a busy machine is
 * not taken for a dead one.
 */
final class Liveness {

    /** What is known of a broker. */
    enum State {
        UNKNOWN,
        ALIVE,
        DEAD,
        /** In views only: dead because it says that its disk stalls. */
        STALLED
    }

    /** A broker as it stands. Times in nanoseconds; {@code silent} is -1 where it was never heard. */
    record View(State state, long silentNanos, long limitNanos, long gapMaxNanos, long deaths) {}

    private static final class Peer {
        State state = State.UNKNOWN;
        boolean everHeard;
        boolean diskStalled;
        long heardAt;
        long watchedSince;
        long deaths;
        final Gaps gaps;

        Peer(long now) {
            gaps = new Gaps(now);
        }
    }

    private final long tickNanos;
    private final long silenceNanos;
    private final long silenceMaxNanos;
    private final Map<NodeId, Peer> peers = new HashMap<>();
    private long tickedAt;
    private long pauses;

    /** @param tick how often {@link #tick} is meant to be called */
    Liveness(Duration tick, Duration silence, Duration silenceMax, long nowNanos) {
        this.tickNanos = tick.toNanos();
        this.silenceNanos = silence.toNanos();
        this.silenceMaxNanos = silenceMax.toNanos();
        this.tickedAt = nowNanos;
    }

    /** Anything came from the broker over the mesh. */
    Optional<Verdict> heard(NodeId node, long now) {
        Peer peer = peer(node, now);
        long gap = peer.everHeard ? now - peer.heardAt : 0;
        // A gap we were paused in says nothing of the other, one beyond the highest limit was a death.
        if (peer.heardAt == peer.watchedSince && gap <= silenceMaxNanos) {
            peer.gaps.add(gap, now);
        }
        peer.everHeard = true;
        peer.heardAt = now;
        peer.watchedSince = now;
        if (peer.state == State.ALIVE || peer.diskStalled) {
            return Optional.empty();
        }
        peer.state = State.ALIVE;
        return Optional.of(new Verdict(node, true, Verdict.Cause.HEARD, gap));
    }

    /**
     * It says how its disk does. Where it stalls the broker is dead to all who need what it writes, however well it is heard; that
     * it does not any more counts with the next {@link #heard}.
     */
    Optional<Verdict> diskStalled(NodeId node, boolean stalled, long now) {
        peer(node, now).diskStalled = stalled;
        return stalled ? died(node, Verdict.Cause.STALLED, State.ALIVE, now) : Optional.empty();
    }

    /** The connection over which it was heard broke. */
    Optional<Verdict> lost(NodeId node, long now) {
        peer(node, now).diskStalled = false;
        return died(node, Verdict.Cause.LOST, State.ALIVE, now);
    }

    /** Nothing listens where it should. */
    Optional<Verdict> refused(NodeId node, long now) {
        Peer peer = peer(node, now);
        return died(node, Verdict.Cause.REFUSED, peer.state == State.UNKNOWN ? State.UNKNOWN : State.ALIVE, now);
    }

    private Optional<Verdict> died(NodeId node, Verdict.Cause cause, State from, long now) {
        Peer peer = peer(node, now);
        if (peer.state != from) {
            return Optional.empty();
        }
        peer.state = State.DEAD;
        peer.deaths++;
        return Optional.of(new Verdict(node, false, cause, peer.everHeard ? now - peer.heardAt : 0));
    }

    /**
     * Looks at the clocks of silence.
     *
     * @param signs when a broker was last heard by other ways than the mesh
     */
    List<Verdict> tick(long now, Function<NodeId, OptionalLong> signs) {
        long late = now - tickedAt - tickNanos;
        tickedAt = now;
        if (late > silenceNanos / 4) {
            pauses++;
            peers.values().forEach(peer -> peer.watchedSince = now);
            return List.of();
        }
        List<Verdict> verdicts = new ArrayList<>();
        peers.forEach((node, peer) -> {
            if (peer.state == State.ALIVE && silentFor(node, peer, now, signs, limit(peer, now))) {
                died(node, Verdict.Cause.SILENT, State.ALIVE, now).ifPresent(verdicts::add);
            }
        });
        return verdicts;
    }

    /** Other signs of life are looked for only where the mesh is silent. */
    private static boolean silentFor(
            NodeId node, Peer peer, long now, Function<NodeId, OptionalLong> signs, long limit) {
        if (now - peer.watchedSince <= limit) {
            return false;
        }
        OptionalLong sign = signs.apply(node);
        return sign.isEmpty() || now - sign.getAsLong() > limit;
    }

    private long limit(Peer peer, long now) {
        long wanted = 2 * peer.gaps.max(now);
        return Math.max(silenceNanos, Math.min(wanted, silenceMaxNanos));
    }

    boolean alive(NodeId node) {
        @Nullable Peer peer = peers.get(node);
        return peer != null && peer.state == State.ALIVE;
    }

    boolean stalled(NodeId node) {
        @Nullable Peer peer = peers.get(node);
        return peer != null && peer.state == State.DEAD && peer.diskStalled;
    }

    /** Every broker it was told of. */
    Map<NodeId, View> views(long now) {
        Map<NodeId, View> views = new TreeMap<>();
        peers.forEach((node, peer) -> views.put(
                node,
                new View(
                        peer.state == State.DEAD && peer.diskStalled ? State.STALLED : peer.state,
                        peer.everHeard ? now - peer.heardAt : -1,
                        limit(peer, now),
                        peer.gaps.max(now),
                        peer.deaths)));
        return views;
    }

    /** How often this broker found that it had been paused itself. */
    long pauses() {
        return pauses;
    }

    private Peer peer(NodeId node, long now) {
        return peers.computeIfAbsent(node, n -> new Peer(now));
    }
}
