package io.gq.broker.host;

import io.gq.broker.config.BrokerConfig;
import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.metadata.LeaderTable;
import io.gq.broker.peer.ControllerClient;
import io.gq.broker.peer.Heartbeats;
import io.gq.broker.peer.Mesh;
import io.gq.broker.peer.PeerClients;
import io.gq.broker.peer.PeerTable;
import io.gq.broker.peer.ReplicaClient;
import io.gq.broker.peer.Replicas;
import io.gq.broker.scrub.ScrubMetrics;
import io.gq.broker.scrub.Scrubber;
import io.gq.controller.ControllerProposals;
import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Wire;
import io.gq.controller.topic.TopicConfig.Durability;
import io.gq.core.BrokerException;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.core.replication.Leadership;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.BrokerLoad;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.HeartbeatRequest;
import io.gq.raft.GroupFailure;
import io.gq.raft.RaftHost;
import io.gq.raft.RatisGroup;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A node's life in its cluster: from the moment it belongs to one until it stops. */
public final class ClusterMember {

    private static final Duration REOPEN_PAUSE = Duration.ofSeconds(1);
    private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration FULL_DISK_ROUND = Duration.ofSeconds(3);

    /**
     * What a member takes from the process and the node.
     *
     * @param background runs short work that may wait, with as many threads as it needs
     * @param hosting opens, deletes and repairs partitions, a few at a time
     * @param scrubbing reads whole partitions again, one at a time
     */
    public record Environment(
            BrokerConfig config,
            PeerId self,
            InstantSource clock,
            LongSupplier nanoClock,
            Scheduler scheduler,
            Executor background,
            Executor hosting,
            Executor scrubbing,
            PeerTable peers,
            PeerClients clients,
            LeaderTable leaders,
            ImageHolder images,
            HostedPartitions hosted,
            NodeHost host,
            ControllerProposals proposals,
            ControllerClient controller,
            ReplicaClient replicas,
            Supplier<Map<String, Endpoint>> listeners,
            Supplier<BrokerLoad> load,
            Failover.Resources failover,
            ScrubMetrics scrubMetrics,
            BooleanSupplier stopping) {}

    private final Environment env;
    private final List<NodeId> controllers;
    private final ControllerHost controllerHost;
    private final PartitionReconciler reconciler;
    private final FirstElections firstElections;
    private final PartitionHost partitions;
    private final Registration registration;
    private final Heartbeats heartbeats;
    private final Failover failover;
    private final ControllerDuties duties;
    private final Upkeep upkeep;
    private final NodeReplicas nodeReplicas;
    private final LeaderReturn leaderReturn;
    private final FullDiskDuty fullDisk;
    private final ReplicaRepair repair;
    private final Scrubber scrubber;

    public ClusterMember(Environment env, String clusterId, List<PeerId> founders) {
        this.env = env;
        this.controllers =
                env.config().controllers().stream().map(c -> c.node()).toList();
        ReplicaRejoin rejoin = new ReplicaRejoin(env.self(), env.replicas(), env.hosting());
        controllerHost = new ControllerHost(
                env.self(),
                clusterId,
                founders,
                new ReplicaOpening(
                        env.self(), env.host().controllerRaft(), env.host().controllerMachines(), rejoin),
                this::controllerLeader,
                env.background(),
                env.scheduler());
        firstElections = new FirstElections(env.self().node(), env.scheduler());
        partitions = new PartitionHost(
                lanes(rejoin),
                topic -> env.proposals().configInForce(topic).durability(),
                env.hosted(),
                env.leaders(),
                firstElections,
                this::beatSoon);
        reconciler = new PartitionReconciler(
                env.self(), env.images(), partitions, this::confirmDeletion, env.hosting(), env.scheduler());
        registration = new Registration(
                env.self(),
                env.config().rack(),
                () -> Wire.listeners(env.listeners().get()),
                env.images(),
                env.proposals(),
                env.controller(),
                env.clock(),
                env.config().cluster().requestTimeout(),
                image -> reconciler.onImage(image, true),
                env.background(),
                env.scheduler());
        heartbeats = new Heartbeats(
                env.self().node(),
                clusterId,
                env.clock().millis(),
                this::heartbeat,
                this::others,
                env.clients(),
                env.peers(),
                env.leaders(),
                firstElections::heard,
                env.scheduler(),
                env.nanoClock(),
                env.config().cluster().heartbeatInterval(),
                silence(env.config()));
        failover = new Failover(
                env.self(),
                clusterId,
                env.config().mesh(),
                env.failover(),
                this::others,
                env.peers(),
                env.leaders(),
                env.host(),
                this::reconnect,
                env.nanoClock());
        duties = new ControllerDuties(
                env.self().node(),
                clusterId,
                controllerHost::replica,
                env.images(),
                env.peers(),
                env.proposals(),
                env.controller(),
                env.config().cluster().brokerSessionTimeout(),
                registration::processEpoch,
                env.scheduler(),
                env.nanoClock(),
                env.config().cluster().heartbeatInterval());
        upkeep = new Upkeep(
                env.hosted(),
                env.scheduler(),
                env.background(),
                env.config().storage().cleanupInterval());
        leaderReturn = new LeaderReturn(
                env.config().balance(),
                this::guests,
                node -> takesOver(node)
                        && !env.peers().diskFull(node)
                        && mesh().alive().contains(node),
                env.scheduler(),
                env.nanoClock());
        fullDisk = new FullDiskDuty(
                () -> env.load().get().getDiskFull(), this::handOverForRoom, env.scheduler(), env.background());
        repair = new ReplicaRepair(
                env.self().node(),
                env.hosted()::find,
                this::takesOver,
                env.replicas(),
                new ReplicaRepair.Closing() {
                    @Override
                    public void condemn(GroupId group, String what) {
                        env.host().condemn(group, what);
                    }

                    @Override
                    public void setAside(GroupId group, String what) {
                        env.host().damaged(group, what);
                    }
                },
                env.scheduler(),
                env.background(),
                env.nanoClock());
        scrubber = new Scrubber(
                env.config().scrub(),
                () -> env.hosted().all().stream()
                        .filter(HostedPartition::serving)
                        .toList(),
                repair::damaged,
                env.scrubMetrics(),
                env.scheduler(),
                env.scrubbing(),
                env.clock(),
                env.nanoClock());
        nodeReplicas = new NodeReplicas(
                env.self(),
                controllerHost,
                env.host().rafts(),
                env.hosted(),
                Set.copyOf(controllers),
                this::assigned,
                new DistrustedReplicas(
                        env.self(),
                        env.host().partitionRaft(Durability.REPLICATED).distrusted(),
                        env.host().partitionMachines(Durability.REPLICATED),
                        reconciler::ask),
                new ReplicaVerifier(env.self().node(), repair::damaged, env.scrubbing()),
                env.load());
    }

    private Map<Durability, PartitionHost.Lane> lanes(ReplicaRejoin rejoin) {
        Map<Durability, PartitionHost.Lane> lanes = new EnumMap<>(Durability.class);
        for (Durability durability : Durability.values()) {
            RaftHost raft = env.host().partitionRaft(durability);
            PartitionMachines machines = env.host().partitionMachines(durability);
            lanes.put(
                    durability,
                    new PartitionHost.Lane(raft, machines, new ReplicaOpening(env.self(), raft, machines, rejoin)));
        }
        return lanes;
    }

    /** Silence after which another broker's claims to leadership no longer count here. */
    public static Duration silence(BrokerConfig config) {
        return config.cluster().heartbeatInterval().multipliedBy(3);
    }

    public void start() {
        heartbeats.start();
        failover.start();
        controllerHost.start();
        env.images().onImage(this::onImage);
        duties.start();
        upkeep.start();
        leaderReturn.start();
        fullDisk.start();
        scrubber.start();
    }

    /** Nothing new is begun; leaders are still here. */
    public void quiesce() {
        scrubber.stop();
        upkeep.stop();
        leaderReturn.stop();
        fullDisk.stop();
        duties.stop();
        registration.stop();
        reconciler.stop();
        controllerHost.stop();
    }

    public void stop() {
        heartbeats.stop();
        env.hosted().all().forEach(HostedPartition::close);
    }

    /** Tells the others to hold this node for dead, as it soon will be. */
    public void leaveMesh() {
        failover.stop();
    }

    public Mesh mesh() {
        return failover.mesh();
    }

    public Heartbeats heartbeats() {
        return heartbeats;
    }

    public Replicas replicas() {
        return nodeReplicas;
    }

    public Optional<RatisGroup> controllerReplica() {
        return controllerHost.replica();
    }

    /** Who leads the controller group: as this node's replica knows, else as the leader itself says in its heartbeats. */
    public Optional<NodeId> controllerLeader() {
        return controllerHost
                .replica()
                .flatMap(g -> g.leadership().leader())
                .or(() -> env.leaders().leaderOf(controllerHost.group()).map(LeaderTable.Leader::node));
    }

    public boolean registered() {
        return registration.registered();
    }

    public boolean settled() {
        return reconciler.settled();
    }

    /** A group of the controller's server stopped by itself. */
    public void controllerFailed(GroupFailure failure) {
        env.scheduler().after(REOPEN_PAUSE, controllerHost::failed);
    }

    /** A partition's replica stopped by itself: it is opened again, or rebuilt, after a pause. */
    public void partitionFailed(GroupId group, GroupFailure failure) {
        partitions.closed(group);
        heartbeats.beatSoon();
        env.scheduler().after(REOPEN_PAUSE, () -> reconciler.ask(group));
    }

    /** Stored bytes of a replica fail their checksum: it is rebuilt from its peers, when and where that costs least. */
    public void damaged(GroupId group, String what) {
        repair.damaged(group, what);
    }

    /** Hands every group led here to another member; returns when all are handed over, nobody is left to take them, or the time has passed. */
    public void handOver(Duration timeout) {
        handOver(led(), this::takesOver, timeout);
    }

    private void handOverForRoom() {
        Predicate<NodeId> hasRoom = node -> !node.equals(env.self().node())
                && takesOver(node)
                && !env.peers().diskFull(node);
        List<RatisGroup> led = led();
        led.removeIf(
                group -> group.members().voters().stream().map(PeerId::node).noneMatch(hasRoom));
        if (!led.isEmpty()) {
            handOver(led, hasRoom, FULL_DISK_ROUND);
        }
    }

    private void handOver(List<RatisGroup> led, Predicate<NodeId> takesOver, Duration timeout) {
        new LeaderHandover(env.self().node(), takesOver, env.scheduler(), env.nanoClock()).run(led, timeout);
    }

    private List<RatisGroup> led() {
        List<RatisGroup> led = new ArrayList<>();
        env.hosted().all().stream().filter(HostedPartition::leadsReady).forEach(p -> led.add(p.group()));
        controllerHost
                .replica()
                .filter(g -> g.leadership().role() == Leadership.Role.LEADER)
                .ifPresent(led::add);
        return led;
    }

    private boolean takesOver(NodeId node) {
        return env.peers()
                        .heardWithin(
                                node,
                                silence(env.config()).toNanos(),
                                env.nanoClock().getAsLong())
                && env.peers().state(node).map(s -> !s.stopping()).orElse(false)
                && !mesh().stalled(node);
    }

    private List<LeaderReturn.Guest> guests() {
        ClusterImage image = env.images().image();
        List<LeaderReturn.Guest> guests = new ArrayList<>();
        for (HostedPartition partition : env.hosted().all()) {
            if (partition.leadsReady()) {
                image.group(partition.id())
                        .map(found -> found.partition().preferredLeader())
                        .filter(preferred -> !preferred.equals(env.self().node()))
                        .ifPresent(preferred -> guests.add(new HostedGuest(partition, preferred, env.replicas())));
            }
        }
        return guests;
    }

    private void onImage(ClusterImage image) {
        for (BrokerImage broker : image.brokers()) {
            if (!broker.node().equals(env.self().node())
                    && env.peers().endpoint(broker.node(), "grpc").isEmpty()) {
                env.peers().learn(broker.node(), Wire.endpoints(broker.listeners()));
            }
        }
        if (!image.clusterId().isEmpty()) {
            registration.start();
        }
        reconciler.onImage(image, registration.registered());
    }

    private boolean assigned(GroupId group, NodeId node) {
        return env.images()
                .image()
                .group(group)
                .map(g -> g.partition().hasReplicaOn(node))
                .orElse(false);
    }

    private void confirmDeletion(TopicId topic) {
        try {
            env.controller()
                    .propose(
                            env.proposals()
                                    .confirmDeletion(
                                            env.images().image(), env.self().node(), topic)
                                    .command(),
                            CONFIRM_TIMEOUT)
                    .join();
        } catch (BrokerException e) {
            if (env.images().image().deletedTopic(topic).isPresent()) {
                throw e;
            }
        }
    }

    private void beatSoon() {
        heartbeats.beatSoon();
    }

    private Heartbeats.Self heartbeat() {
        Map<GroupId, Long> led = new HashMap<>();
        for (HostedPartition partition : env.hosted().all()) {
            Leadership leadership = partition.group().leadership();
            if (leadership.role() == Leadership.Role.LEADER && leadership.ready() && partition.serving()) {
                led.put(partition.id(), leadership.term());
            }
        }
        controllerHost
                .replica()
                .map(RatisGroup::leadership)
                .filter(l -> l.role() == Leadership.Role.LEADER && l.ready())
                .ifPresent(l -> led.put(controllerHost.group(), l.term()));
        HeartbeatRequest.Builder identity = HeartbeatRequest.newBuilder()
                .setIncarnation(env.self().incarnation())
                .setProcessEpoch(registration.processEpoch())
                .putAllListeners(env.listeners().get())
                .setImageVersion(env.images().image().version());
        return new Heartbeats.Self(
                identity,
                led,
                firstElections.leaderless(),
                env.load().get(),
                env.stopping().getAsBoolean());
    }

    /** It was unheard for a while, so what is under way to it may wait for TCP's long timer: all that talks to it connects anew. */
    private void reconnect(NodeId node) {
        env.host().rafts().forEach(raft -> raft.reconnect(node));
        env.clients().reconnect(node);
        heartbeats.beatSoon();
    }

    private Set<NodeId> others() {
        Set<NodeId> others = new HashSet<>(controllers);
        env.images().image().brokers().forEach(b -> others.add(b.node()));
        others.addAll(env.peers().addresses().keySet());
        others.remove(env.self().node());
        return others;
    }
}
