package io.gq.broker.peer;

import io.gq.broker.config.MeshConfig;
import io.gq.broker.grpc.ErrorMapping;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.MeshBeacon;
import io.gq.proto.v1.MeshHello;
import io.gq.proto.v1.MeshMessage;
import io.gq.proto.v1.MeshPeer;
import io.gq.proto.v1.Obituary;
import io.gq.proto.v1.PeerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.ConnectTimeoutException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The liveness mesh: a stream to each other broker, a beacon every beacon interval in both directions, and a verdict when a broker falls
 * silent, breaks its connection or comes back. Streams, clocks and verdicts belong to one thread; the public methods are for any.
 */
public final class Mesh implements MeshLink.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);
    private static final MeshMessage BEACON =
            MeshMessage.newBuilder().setBeacon(MeshBeacon.getDefaultInstance()).build();
    private static final MeshMessage STALLED_BEACON = MeshMessage.newBuilder()
            .setBeacon(MeshBeacon.newBuilder().setDiskStalled(true))
            .build();
    private static final long RECONNECT_NANOS = Duration.ofMillis(150).toNanos();
    /** Where somebody answers and will not talk yet: a broker that is still starting, or one of another cluster. */
    private static final long TURNED_AWAY_NANOS = Duration.ofMillis(500).toNanos();
    /** A stream that was silent for so long is given up for a new one; */
    private static final long SILENT_STREAM_NANOS = Duration.ofSeconds(1).toNanos();
    /** so is one that was never answered: a broker that stands still has it in its queue, and one is enough there. */
    private static final long UNANSWERED_STREAM_NANOS = Duration.ofSeconds(5).toNanos();

    private static final int GIVEN_UP_MAX = 3;

    /** How the disk of this node does; asked on the mesh's thread. */
    public interface OwnDisk {

        /** Nothing that waits to be written was, for so long that others had better lead. */
        boolean stalled();

        /** It writes nothing just now, or did not a moment ago: what stalls another broker's disk may stall this one too. */
        boolean slow();
    }

    /**
     * What the mesh works with.
     *
     * @param thread runs everything of the mesh, one task at a time; also the callbacks of its streams
     * @param scheduler its tasks run on that thread
     * @param others the other brokers of the cluster
     * @param signs when a broker was last heard in other ways, in the clock's nanoseconds
     */
    public record Environment(
            Executor thread,
            Scheduler scheduler,
            LongSupplier nanoClock,
            Supplier<Set<NodeId>> others,
            Function<NodeId, OptionalLong> signs,
            OwnDisk disk,
            PeerTable peers,
            MeshChannels channels) {}

    private final PeerId self;
    private final String clusterId;
    private final MeshConfig config;
    private final Environment env;
    private final Consumer<Verdict> verdicts;
    private final BiConsumer<NodeId, Obituary> obituaries;
    private final MeshMessage hello;
    private final Duration tick;
    private final Liveness liveness; // guarded by itself
    private final Map<NodeId, MeshLink> links = new HashMap<>();
    private final Map<NodeId, Long> attempts = new HashMap<>();
    private final Map<NodeId, Deque<MeshLink>> givenUp = new HashMap<>();
    private final Set<MeshLink> strangers = new HashSet<>();
    private final Set<MeshHello> refused = new HashSet<>();
    private long beaconAt;
    private boolean stopped;
    private Scheduler.Cancellable ticking = () -> {};

    /**
     * @param verdicts told of every change, on the mesh's thread
     * @param obituaries told what others say, and who says it, on the mesh's thread
     */
    public Mesh(
            PeerId self,
            String clusterId,
            MeshConfig config,
            Environment env,
            Consumer<Verdict> verdicts,
            BiConsumer<NodeId, Obituary> obituaries) {
        this.self = self;
        this.clusterId = clusterId;
        this.config = config;
        this.env = env;
        this.verdicts = verdicts;
        this.obituaries = obituaries;
        this.hello = MeshMessage.newBuilder()
                .setHello(MeshHello.newBuilder()
                        .setClusterId(clusterId)
                        .setNodeId(self.node().value())
                        .setIncarnation(self.incarnation()))
                .build();
        this.tick = config.beaconInterval().dividedBy(2);
        this.liveness = new Liveness(
                tick, config.silence(), config.silenceMax(), env.nanoClock().getAsLong());
    }

    public void start() {
        ticking = env.scheduler().every(tick, this::tick);
    }

    /** Ends all streams; the others hear of it at once. */
    public void stop() {
        ticking.cancel();
        env.thread().execute(() -> {
            stopped = true;
            new ArrayList<>(links.values()).forEach(link -> link.end(null));
            new ArrayList<>(strangers).forEach(link -> link.end(null));
            List.copyOf(givenUp.keySet()).forEach(this::endGivenUp);
            links.clear();
            strangers.clear();
        });
    }

    /** The other brokers that live. */
    public Set<NodeId> alive() {
        Set<NodeId> alive = new TreeSet<>();
        synchronized (liveness) {
            liveness.views(env.nanoClock().getAsLong()).forEach((node, view) -> {
                if (view.state() == Liveness.State.ALIVE) {
                    alive.add(node);
                }
            });
        }
        return alive;
    }

    /** Whether a broker says that its disk writes nothing. */
    public boolean stalled(NodeId node) {
        synchronized (liveness) {
            return liveness.stalled(node);
        }
    }

    /** How often this broker found that it had been paused itself. */
    public long pauses() {
        synchronized (liveness) {
            return liveness.pauses();
        }
    }

    /** Each other broker as it is seen from here. */
    public List<MeshPeer> describe() {
        List<MeshPeer> peers = new ArrayList<>();
        synchronized (liveness) {
            liveness.views(env.nanoClock().getAsLong())
                    .forEach((node, view) -> peers.add(MeshPeer.newBuilder()
                            .setNodeId(node.value())
                            .setState(view.state().name())
                            .setSilentMs(millis(view.silentNanos()))
                            .setLimitMs(millis(view.limitNanos()))
                            .setGapMaxMs(millis(view.gapMaxNanos()))
                            .setDeaths(view.deaths())
                            .build()));
        }
        return peers;
    }

    private static long millis(long nanos) {
        return nanos < 0 ? -1 : nanos / 1_000_000;
    }

    /** Tells a broker of another one's death; lost where there is no stream to it at the moment. */
    public void post(NodeId to, Obituary obituary) {
        env.thread().execute(() -> {
            MeshLink link = links.get(to);
            if (link != null && link.greeted()) {
                send(link, MeshMessage.newBuilder().setObituary(obituary).build());
            }
        });
    }

    /** Another broker opens its stream; on the mesh's thread. */
    StreamObserver<MeshMessage> accept(StreamObserver<MeshMessage> out) {
        ServerCallStreamObserver<MeshMessage> stream = (ServerCallStreamObserver<MeshMessage>) out;
        MeshLink link = new MeshLink(this, stream);
        stream.setOnCancelHandler(() -> link.onError(Status.CANCELLED.asRuntimeException()));
        if (stopped) {
            link.end(Status.UNAVAILABLE
                    .withDescription("node " + self.node() + " is stopping")
                    .asRuntimeException());
        } else {
            strangers.add(link);
        }
        return link;
    }

    private void tick() {
        if (stopped) {
            return;
        }
        long now = env.nanoClock().getAsLong();
        List<Verdict> news;
        boolean paused;
        synchronized (liveness) {
            long pauses = liveness.pauses();
            news = liveness.tick(now, env.signs());
            paused = liveness.pauses() > pauses;
        }
        if (paused) {
            links.values().forEach(link -> link.heard(now)); // what came meanwhile was not read yet
        }
        news.forEach(this::tell);
        if (now - beaconAt >= config.beaconInterval().toNanos() - tick.toNanos() / 2) {
            beaconAt = now;
            MeshMessage beacon = env.disk().stalled() ? STALLED_BEACON : BEACON;
            new ArrayList<>(links.values()).forEach(link -> {
                if (link.greeted()) {
                    send(link, beacon);
                }
            });
        }
        for (NodeId other : env.others().get()) {
            if (self.node().compareTo(other) > 0) {
                continue; // it opens the stream
            }
            giveUpWhereSilent(other, now);
            if (!links.containsKey(other)
                    && now - attempts.getOrDefault(other, now - RECONNECT_NANOS) >= RECONNECT_NANOS) {
                open(other, now);
            }
        }
    }

    /**
     * When a network that dropped what was sent is whole again, TCP waits for its own long timer; a new connection gets through at once.
     * The old stream ends when the new one stands: its end would tell the other side that we died.
     */
    private void giveUpWhereSilent(NodeId other, long now) {
        MeshLink link = links.get(other);
        if (link == null
                || link.silentNanos(now) <= (link.greeted() ? SILENT_STREAM_NANOS : UNANSWERED_STREAM_NANOS)
                || isAlive(other)) {
            return;
        }
        links.remove(other);
        attempts.remove(other);
        ManagedChannel channel = link.channel();
        if (channel != null) {
            env.channels().letGo(channel);
        }
        Deque<MeshLink> former = givenUp.computeIfAbsent(other, o -> new ArrayDeque<>());
        former.add(link);
        if (former.size() > GIVEN_UP_MAX) {
            end(former.remove());
        }
    }

    private static void end(MeshLink link) {
        link.end(null);
        ManagedChannel channel = link.channel();
        if (channel != null) {
            channel.shutdownNow();
        }
    }

    private void endGivenUp(NodeId other) {
        Deque<MeshLink> former = givenUp.remove(other);
        if (former != null) {
            former.forEach(Mesh::end);
        }
    }

    private boolean isAlive(NodeId node) {
        synchronized (liveness) {
            return liveness.alive(node);
        }
    }

    private void open(NodeId other, long now) {
        Optional<Endpoint> endpoint = env.peers().endpoint(other, "grpc");
        if (endpoint.isEmpty()) {
            return;
        }
        attempts.put(other, now);
        ManagedChannel channel = env.channels().channel(endpoint.get());
        MeshLink link = new MeshLink(this, other, channel, now);
        links.put(other, link);
        StreamObserver<MeshMessage> unused = PeerGrpc.newStub(channel).mesh(link);
        link.sendFirst(hello);
    }

    private void send(MeshLink link, MeshMessage message) {
        try {
            link.send(message);
        } catch (RuntimeException e) {
            link.onError(e);
        }
    }

    @Override
    public void received(MeshLink link, MeshMessage message) {
        long now = env.nanoClock().getAsLong();
        link.heard(now);
        if (!link.greeted() && !greet(link, message)) {
            return;
        }
        NodeId node = link.node();
        if (node == null || links.get(node) != link) {
            return; // an older stream of the same broker
        }
        List<Verdict> news = new ArrayList<>();
        synchronized (liveness) {
            if (message.hasBeacon()) {
                disk(node, message.getBeacon().getDiskStalled(), now).ifPresent(news::add);
            }
            liveness.heard(node, now).ifPresent(news::add);
        }
        news.forEach(this::tell);
        if (message.hasObituary() && isAlive(node)) { // one that can lead nothing has nothing to say
            bury(link, node, message.getObituary());
        }
    }

    /** Where all brokers share one slow disk nobody would gain by an election. */
    private Optional<Verdict> disk(NodeId node, boolean stalled, long now) {
        return stalled && env.disk().slow() ? Optional.empty() : liveness.diskStalled(node, stalled, now);
    }

    private void bury(MeshLink link, NodeId from, Obituary obituary) {
        try {
            if (obituary.getDeadNode() != self.node().value()) {
                obituaries.accept(from, obituary);
            }
        } catch (IllegalArgumentException e) {
            LOG.warn("obituary not understood from={} cause={}", from, e.getMessage());
            link.end(ErrorMapping.toStatus(e));
            ended(link, e);
        }
    }

    /** The first message: says who is there. */
    private boolean greet(MeshLink link, MeshMessage message) {
        strangers.remove(link);
        MeshHello said = message.getHello();
        boolean opened = link.node() != null;
        if (!message.hasHello()
                || !said.getClusterId().equals(clusterId)
                || said.getNodeId() < 1
                || said.getNodeId() == self.node().value()
                || (opened && !new NodeId(said.getNodeId()).equals(link.node()))) {
            if (refused.add(said)) {
                LOG.warn("mesh stream refused node={} cluster={}", said.getNodeId(), said.getClusterId());
            }
            links.values().remove(link);
            link.end(ErrorMapping.toStatus(new BrokerException(
                    ErrorCode.CLUSTER_MISMATCH,
                    "mesh hello: node " + said.getNodeId() + " of cluster " + said.getClusterId()
                            + " (expected: another node of cluster " + clusterId + ")")));
            return false;
        }
        NodeId node = new NodeId(said.getNodeId());
        link.greeted(node);
        if (links.get(node) == link) {
            endGivenUp(node);
        }
        if (!opened) {
            MeshLink before = links.put(node, link);
            if (before != null) {
                before.end(null);
            }
            link.sendFirst(hello);
        }
        return true;
    }

    @Override
    public void ended(MeshLink link, @Nullable Throwable cause) {
        strangers.remove(link);
        NodeId node = link.node();
        if (node == null || !links.remove(node, link) || stopped) {
            return;
        }
        long now = env.nanoClock().getAsLong();
        if (link.greeted()) {
            attempts.remove(node); // tried again at once: what listens there, if anything, has the last word
        } else if (!refused(cause)) {
            attempts.put(node, now + TURNED_AWAY_NANOS - RECONNECT_NANOS);
        }
        Optional<Verdict> news = Optional.empty();
        synchronized (liveness) {
            if (link.greeted()) {
                news = liveness.lost(node, now);
            } else if (refused(cause) && !(timedOut(cause) && liveness.alive(node))) {
                news = liveness.refused(
                        node, now); // a packet that was lost says nothing of one that is heard otherwise
            }
        }
        news.ifPresent(this::tell);
    }

    private static boolean refused(@Nullable Throwable cause) {
        for (Throwable c = cause; c != null; c = c.getCause()) {
            if (c instanceof ConnectException) {
                return true;
            }
        }
        return false;
    }

    private static boolean timedOut(@Nullable Throwable cause) {
        for (Throwable c = cause; c != null; c = c.getCause()) {
            if (c instanceof ConnectTimeoutException) {
                return true;
            }
        }
        return false;
    }

    private void tell(Verdict verdict) {
        LOG.info(
                "broker {} node={} cause={} silentMs={}",
                verdict.alive() ? "alive" : "dead",
                verdict.node(),
                verdict.cause(),
                millis(verdict.silentNanos()));
        verdicts.accept(verdict);
    }
}
