package io.gq.broker.peer;

import io.gq.broker.metadata.LeaderTable;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.BrokerLoad;
import io.gq.proto.v1.HeartbeatRequest;
import io.gq.proto.v1.HeartbeatResponse;
import io.gq.proto.v1.LedGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells every other broker, every interval and at once when a leader changes, which groups this one leads, and listens to theirs. A
 * broker that is silent for the silence limit loses its claims to leadership in the {@link LeaderTable}; Raft alone decides who leads,
 * this only decides where clients are sent. Safe for use by many threads.
 */
public final class Heartbeats {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);
    private static final Duration AT_ONCE = Duration.ofMillis(2);
    /** After a failover a hundred leaders are ready within a second, and each beat names them all. */
    private static final Duration APART = Duration.ofMillis(25);

    /**
     * What this broker says of itself, asked for at each beat.
     *
     * @param leaderless groups it has made that no leader has yet
     */
    public record Self(
            HeartbeatRequest.Builder identity,
            Map<GroupId, Long> ledTerms,
            Set<GroupId> leaderless,
            BrokerLoad load,
            boolean stopping) {}

    private final NodeId node;
    private final String clusterId;
    private final Supplier<Self> self;
    private final Supplier<Set<NodeId>> others;
    private final PeerClients clients;
    private final PeerTable peers;
    private final LeaderTable leaders;
    private final BiConsumer<NodeId, Set<GroupId>> leaderless;
    private final Scheduler scheduler;
    private final LongSupplier nanoClock;
    private final Duration interval;
    private final Duration silence;
    private final Set<NodeId> inFlight = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean soon = new AtomicBoolean();
    private final long run;
    private final Map<NodeId, LastBeat> lastBeats = new HashMap<>(); // guarded by itself
    private long beats; // guarded by this
    private volatile long beatAtNanos;
    private Scheduler.Cancellable ticking = () -> {};

    private record LastBeat(long run, long beat) {}

    /**
     * @param run of this process, another one than its predecessor's
     * @param leaderless told which groups without a leader another broker has made
     */
    public Heartbeats(
            NodeId node,
            String clusterId,
            long run,
            Supplier<Self> self,
            Supplier<Set<NodeId>> others,
            PeerClients clients,
            PeerTable peers,
            LeaderTable leaders,
            BiConsumer<NodeId, Set<GroupId>> leaderless,
            Scheduler scheduler,
            LongSupplier nanoClock,
            Duration interval,
            Duration silence) {
        this.node = node;
        this.clusterId = clusterId;
        this.run = run;
        this.self = self;
        this.others = others;
        this.clients = clients;
        this.peers = peers;
        this.leaders = leaders;
        this.leaderless = leaderless;
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
        this.interval = interval;
        this.silence = silence;
        this.beatAtNanos = nanoClock.getAsLong() - APART.toNanos();
    }

    public void start() {
        ticking = scheduler.every(interval, this::beat);
    }

    public void stop() {
        ticking.cancel();
    }

    /** Something the others should know changed: beats within moments, once for many changes, and not again at once. */
    public void beatSoon() {
        if (soon.compareAndSet(false, true)) {
            long sinceLast = nanoClock.getAsLong() - beatAtNanos;
            Duration wait = AT_ONCE.plusNanos(Math.max(0, APART.toNanos() - sinceLast));
            scheduler.after(wait, () -> {
                soon.set(false);
                inFlight.clear();
                beat();
            });
        }
    }

    /** Another broker's beat. One that a later one has overtaken says nothing any more. */
    public void heard(HeartbeatRequest beat) {
        Map<GroupId, Long> claims = new HashMap<>();
        for (LedGroup led : beat.getLedList()) {
            claims.put(GroupId.parse(led.getGroupId()), led.getTerm());
        }
        NodeId from = new NodeId(beat.getNodeId());
        synchronized (lastBeats) {
            LastBeat last = lastBeats.get(from);
            if (last != null && last.run() == beat.getRun() && beat.getBeat() > 0 && beat.getBeat() < last.beat()) {
                return;
            }
            lastBeats.put(from, new LastBeat(beat.getRun(), beat.getBeat()));
            peers.heard(beat, nanoClock.getAsLong());
            leaders.claims(from, claims);
            leaderless.accept(
                    from,
                    beat.getLeaderlessList().stream().map(GroupId::parse).collect(Collectors.toUnmodifiableSet()));
        }
    }

    /** One at a time, so that what a beat says is never older than what the one before it said. */
    private synchronized void beat() {
        beatAtNanos = nanoClock.getAsLong();
        Self now = self.get();
        leaders.claims(node, now.ledTerms());
        HeartbeatRequest.Builder builder = now.identity().setRun(run).setBeat(++beats);
        now.ledTerms()
                .forEach((group, term) -> builder.addLed(
                        LedGroup.newBuilder().setGroupId(group.toString()).setTerm(term)));
        now.leaderless().forEach(group -> builder.addLeaderless(group.toString()));
        HeartbeatRequest request = builder.setNodeId(node.value())
                .setClusterId(clusterId)
                .setLoad(now.load())
                .setStopping(now.stopping())
                .build();
        for (NodeId other : others.get()) {
            if (peers.endpoint(other, "grpc").isPresent() && inFlight.add(other)) {
                send(other, request);
            }
        }
        dropTheSilent();
    }

    private void send(NodeId other, HeartbeatRequest request) {
        CompletableFuture<HeartbeatResponse> answer =
                clients.call(other, silence.toMillis(), (stub, out) -> stub.heartbeat(request, out));
        CompletableFuture<?> unused = answer.whenComplete((response, failure) -> {
            inFlight.remove(other);
            if (failure != null) {
                LOG.debug("heartbeat not delivered node={} cause={}", other, failure.toString());
            } else if (response.hasError()) {
                refused(other, response);
            }
        });
    }

    private void refused(NodeId other, HeartbeatResponse response) {
        LOG.warn(
                "heartbeat refused node={} error={} message={}",
                other,
                response.getError().getName(),
                response.getError().getMessage());
    }

    private void dropTheSilent() {
        long now = nanoClock.getAsLong();
        for (NodeId other : peers.states().keySet()) {
            if (!peers.heardWithin(other, silence.toNanos(), now)) {
                leaders.silent(other);
                leaderless.accept(other, Set.of());
            }
        }
    }
}
