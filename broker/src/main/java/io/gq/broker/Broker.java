package io.gq.broker;

import io.gq.broker.admin.ClusterAdmin;
import io.gq.broker.admin.PartitionRecovery;
import io.gq.broker.admin.PartitionVerification;
import io.gq.broker.admin.ReplicaAdmin;
import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.ControllerAddress;
import io.gq.broker.config.Listener;
import io.gq.broker.data.DataDirectory;
import io.gq.broker.data.DiskGuard;
import io.gq.broker.data.QuotaDisk;
import io.gq.broker.grpc.AdminEndpoint;
import io.gq.broker.grpc.BrokerEndpoint;
import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.grpc.GrpcFrontDoor;
import io.gq.broker.grpc.NodeView;
import io.gq.broker.grpc.TlsContexts;
import io.gq.broker.host.CatchUp;
import io.gq.broker.host.ClusterMember;
import io.gq.broker.host.Failover;
import io.gq.broker.host.HostedPartition;
import io.gq.broker.host.HostedPartitions;
import io.gq.broker.host.NodeHost;
import io.gq.broker.host.Readiness;
import io.gq.broker.http.HttpFrontDoor;
import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.metadata.LeaderTable;
import io.gq.broker.metadata.LocalNodeView;
import io.gq.broker.metadata.MetadataAnswers;
import io.gq.broker.metrics.BrokerMetrics;
import io.gq.broker.metrics.MeshMeters;
import io.gq.broker.metrics.PartitionMeters;
import io.gq.broker.metrics.ScrubMeters;
import io.gq.broker.peer.ControllerClient;
import io.gq.broker.peer.Founding;
import io.gq.broker.peer.FoundingRule;
import io.gq.broker.peer.Mesh;
import io.gq.broker.peer.MeshChannels;
import io.gq.broker.peer.PeerClients;
import io.gq.broker.peer.PeerEndpoint;
import io.gq.broker.peer.PeerSnapshots;
import io.gq.broker.peer.PeerTable;
import io.gq.broker.peer.ReplicaClient;
import io.gq.broker.security.Authorizer;
import io.gq.broker.security.AuthorizingServices;
import io.gq.broker.service.DiskRoom;
import io.gq.broker.service.PartitionFetchService;
import io.gq.broker.service.PartitionProduceService;
import io.gq.broker.service.ProducerIds;
import io.gq.broker.service.Router;
import io.gq.controller.ControllerProposals;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.placement.BrokerLoad;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.io.GatedFiles;
import io.gq.core.io.NioStorageFiles;
import io.gq.core.io.SyncGate;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.Endpoint;
import io.gq.raft.NoMetrics;
import io.gq.raft.RatisGroup;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node: everything it is made of, and the order in which it starts and stops.
 *
 * <pre>
 *   start: disk -> Raft ports -> HTTP -> gRPC (probes only) -> cluster found or joined -> groups -> registered -> ready
 *   stop:  not ready -> leaders handed over -> gRPC drained -> heartbeats -> groups closed -> disk released
 * </pre>
 */
public final class Broker implements AutoCloseable {

    static final String VERSION = "0.1.0";

    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final Duration SNAPSHOT_TIMEOUT = Duration.ofHours(6);
    private static final Duration READY_INTERVAL = Duration.ofMillis(200);
    private static final Duration RATE_INTERVAL = Duration.ofSeconds(1);

    private final BrokerConfig config;
    private final Authorizer authorizer;
    private final NodeId node;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final RuntimeThreads threads;
    private final Scheduler scheduler;
    private final BrokerMetrics metrics;
    private final ByteRate produceRate;

    private final PeerTable peers = new PeerTable();
    private final LeaderTable leaders = new LeaderTable();
    private final HostedPartitions hosted = new HostedPartitions();
    private final ImageHolder images;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final NodeEvents events;
    private final NodeAddresses addresses;

    private @Nullable DataDirectory data;
    private @Nullable DiskGuard disk;
    private volatile @Nullable SyncedStop syncedStop;
    private @Nullable NodeHost host;
    private @Nullable HttpFrontDoor http;
    private @Nullable GrpcFrontDoor grpc;
    private @Nullable BrokerEndpoint brokerEndpoint;
    private @Nullable PeerClients clients;
    private @Nullable MeshChannels meshChannels;
    private volatile @Nullable ClusterMember member;
    private volatile long storedBytesLately; // a beat tells it, and there may be dozens of beats a second

    public Broker(BrokerConfig config) {
        this(config, Authorizer.allowAll(config.peerIdentities()));
    }

    /** @param authorizer passed by every call, and asked again for each topic in it */
    Broker(BrokerConfig config, Authorizer authorizer) {
        this.config = config;
        this.authorizer = authorizer;
        this.node = config.nodeId();
        this.threads = new RuntimeThreads(
                Runtime.getRuntime().availableProcessors(),
                config.server().executorThreads(),
                config.storage().flusherThreads());
        this.scheduler = threads.scheduler();
        this.images = new ImageHolder(ClusterImage.EMPTY, threads.metadata());
        this.metrics = BrokerMetrics.create(config);
        this.produceRate = new ByteRate(metrics::produceBytes, System::nanoTime);
        this.events = new NodeEvents(hosted, stopping::get, threads.calls());
        this.addresses = new NodeAddresses(config, peers, scheduler, threads.calls());
    }

    /**
     * Starts everything and returns when the node belongs to a cluster; it becomes ready by and by, see the health endpoint.
     *
     * @throws BrokerException where the node cannot start: what stands in the way, and what to do
     */
    public void start() throws InterruptedException {
        try {
            startParts();
        } catch (IOException e) {
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "data_dir " + config.dataDir() + ": " + e, e);
        }
    }

    private void startParts() throws IOException, InterruptedException {
        DataDirectory directory = DataDirectory.open(config.dataDir(), node, random);
        data = directory;
        PeerId self = directory.peer();
        LOG.info("starting gq version={} node={} dataDir={}", VERSION, self, directory.path());
        disk = new DiskGuard(
                scheduler,
                threads.calls(),
                QuotaDisk.of(
                        DiskGuard.Disk.of(directory.path()),
                        config.storage().storedBytesMax().bytes(),
                        this::storedBytes),
                config.storage().diskReserveBytes().bytes(),
                config.storage().diskCheckInterval());
        disk.start();
        addresses.learn(directory);
        PeerClients peerClients = new PeerClients(peers, System::nanoTime, threads.calls(), peerTls());
        clients = peerClients;

        ControllerProposals proposals = new ControllerProposals(clock, random, TopicDefaultsInForce.of(config));
        http = startHttp();
        SyncGate syncs = new SyncGate(config.storage().syncsMax());
        NoMetrics.gateSyncs(syncs);
        NodeHost nodeHost = NodeHost.start(
                config,
                directory.path(),
                self,
                new NodeHost.Environment(
                        new GatedFiles(new NioStorageFiles(), syncs),
                        clock,
                        System::nanoTime,
                        scheduler,
                        threads.calls(),
                        threads.calls(),
                        threads.disk(),
                        threads.raftIo(),
                        new PartitionMeters(metrics)),
                peers,
                () -> new PeerSnapshots(this::clusterId, peerClients, SNAPSHOT_TIMEOUT),
                images,
                proposals::configInForce,
                events.controller(),
                events.partitions(),
                events::replica);
        host = nodeHost;
        SyncedStop stop = SyncedStop.begin(directory, nodeHost);
        syncedStop = stop;
        events.opened(nodeHost, stop);

        Router router = new Router(node, images, hosted, leaders, this::heardLately);
        MetadataAnswers answers = new MetadataAnswers(leaders, peers, this::heardLately, proposals::configInForce);
        ControllerClient controller = new ControllerClient(
                node,
                this::controllerReplica,
                config.controllers().stream().map(ControllerAddress::node).toList(),
                peerClients,
                scheduler,
                System::nanoTime);
        ProducerIds producerIds = new ProducerIds(
                count -> controller.propose(
                        proposals
                                .allocateProducerIds(images.image(), node, count)
                                .command(),
                        config.cluster().requestTimeout()),
                config.producers().idBlock());
        NodeView view = new LocalNodeView(
                () -> new NodeView.Info(
                        clusterIdIfAny(),
                        node.value(),
                        images.image().featureLevel(),
                        VERSION,
                        config.maxMessageSize().toIntExact()),
                images,
                leaders,
                answers,
                router,
                this::controllerLeader,
                producerIds,
                ErrorMapping::toProto);
        BrokerEndpoint endpoint = new BrokerEndpoint(
                System::nanoTime,
                scheduler,
                config.produce(),
                config.fetch(),
                AuthorizingServices.produce(
                        authorizer,
                        new PartitionProduceService(
                                router, new DiskRoom(node, disk::refusal, peers), stopping::get, scheduler)),
                AuthorizingServices.fetch(
                        authorizer,
                        new PartitionFetchService(
                                router,
                                scheduler,
                                threads.reads(),
                                config.cluster().requestTimeout())),
                view,
                metrics.frontDoor());
        brokerEndpoint = endpoint;
        ReplicaClient replicas = new ReplicaClient(this::clusterId, peerClients);
        ClusterAdmin admin = new ClusterAdmin(
                node,
                proposals,
                controller,
                images,
                leaders,
                answers,
                this::loads,
                this::controllerLeader,
                config.controllers().stream().map(ControllerAddress::node).toList(),
                () -> Optional.ofNullable(mesh()).map(Mesh::describe).orElse(List.of()),
                scheduler,
                config.cluster().requestTimeout());
        Founding founding = new Founding(
                self,
                addresses.controllers(),
                this::listeners,
                peerClients,
                peers,
                UUID::randomUUID,
                m -> directory.found(m.clusterId(), m.founders()),
                directory.clusterId().map(id -> new Founding.Membership(id, directory.founders())));
        PeerEndpoint peerEndpoint = new PeerEndpoint(self, founding, threads.calls());
        GrpcFrontDoor frontDoor = new GrpcFrontDoor(
                System::nanoTime,
                config,
                threads.serving(),
                authorizer,
                metrics.frontDoor(),
                List.of(
                        endpoint,
                        new AdminEndpoint(
                                admin,
                                new ReplicaAdmin(
                                        admin,
                                        router,
                                        leaders,
                                        replicas,
                                        this::heardLately,
                                        config.shutdown().transferTimeout()),
                                new PartitionRecovery(
                                        admin,
                                        topic -> proposals.configInForce(topic).durability(),
                                        leaders,
                                        replicas),
                                new PartitionVerification(admin, replicas),
                                threads.calls()),
                        peerEndpoint),
                Map.of(
                        PeerEndpoint.MESH,
                        threads.mesh(),
                        // adds to the log and returns, so a hand-off to another thread would be most of its cost
                        BrokerEndpoint.PRODUCE,
                        Runnable::run));
        frontDoor.start();
        grpc = frontDoor;
        peers.learn(node, listeners());

        Founding.Membership membership = founding.await();
        checkCluster(membership, founding.probeControllers());
        MeshChannels channels = new MeshChannels(threads.mesh(), peerTls(), RuntimeThreads.prompt("gq-mesh-io"));
        meshChannels = channels;
        ClusterMember joined = new ClusterMember(
                new ClusterMember.Environment(
                        config,
                        self,
                        clock,
                        System::nanoTime,
                        scheduler,
                        threads.calls(),
                        threads.hosting(),
                        threads.scrubbing(),
                        peers,
                        peerClients,
                        leaders,
                        images,
                        hosted,
                        nodeHost,
                        proposals,
                        controller,
                        replicas,
                        this::listeners,
                        this::load,
                        new Failover.Resources(
                                threads.mesh(),
                                threads.meshScheduler(),
                                threads.elections(),
                                threads.candidates(),
                                channels,
                                new MeshMeters(metrics, this::mesh)),
                        new ScrubMeters(metrics),
                        stopping::get),
                membership.clusterId(),
                membership.founders());
        member = joined;
        events.joined(joined);
        peerEndpoint.serve(new PeerEndpoint.Member(
                membership.clusterId(), joined.heartbeats(), joined.mesh(), controller, joined.replicas()));
        joined.start();
        addresses.remember(directory);
    }

    /** Stops gracefully: leaders first, then calls, then groups. Harmless when repeated. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        LOG.info("stopping node={}", node);
        stopping.set(true);
        try {
            stopServing();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            release();
        }
        LOG.info("stopped node={}", node);
    }

    private void stopServing() throws InterruptedException {
        long begin = System.nanoTime();
        if (grpc != null) {
            grpc.serving(false);
        }
        ClusterMember joined = member;
        if (joined != null) {
            joined.quiesce();
            joined.heartbeats().beatSoon();
            joined.handOver(config.shutdown().transferTimeout());
            joined.leaveMesh();
        }
        if (brokerEndpoint != null) {
            brokerEndpoint.drain();
        }
        if (grpc != null) {
            grpc.stop(config.shutdown().timeout().minusNanos(System.nanoTime() - begin));
        }
        if (joined != null) {
            joined.stop();
        }
    }

    private void release() {
        if (host != null) {
            SyncedStop stop = syncedStop;
            if (stop == null) {
                host.close();
            } else {
                stop.close(host);
            }
        }
        if (clients != null) {
            clients.close();
        }
        if (meshChannels != null) {
            meshChannels.close();
        }
        if (disk != null) {
            disk.stop();
        }
        if (http != null) {
            http.stop();
        }
        threads.close();
        if (data != null) {
            data.close();
        }
        metrics.close();
    }

    private @Nullable HttpFrontDoor startHttp() throws IOException {
        Listener listener = config.listener(Listener.HTTP);
        CatchUp catchUp = new CatchUp(this::openReplicas);
        Readiness readiness = new Readiness(
                () -> member != null,
                this::controllerReplica,
                () -> member != null && member.registered(),
                () -> member != null && member.settled(),
                this::distrusted,
                hosted,
                leaders,
                catchUp,
                stopping::get);
        scheduler.every(READY_INTERVAL, () -> {
            catchUp.ask();
            if (grpc != null && !stopping.get()) {
                grpc.serving(readiness.reasons().isEmpty());
            }
        });
        scheduler.every(RATE_INTERVAL, () -> {
            produceRate.sample();
            storedBytesLately = storedBytes();
        });
        metrics.gauge(
                "gq_partitions_distrusted",
                "Replicas that may have forgotten records when the machine went down, and were not taken in anew yet",
                Map.of(),
                this::distrusted);
        NodeGauges.register(metrics, hosted, leaders, images, this::storedBytes, produceRate::bytesPerS, () -> disk);
        if (!config.http().enabled()) {
            return null;
        }
        try {
            return HttpFrontDoor.start(
                    listener,
                    threads.calls(),
                    readiness::reasons,
                    config.http().metricsEnabled() ? Map.of(config.http().metricsPath(), metrics::scrape) : Map.of());
        } catch (IOException e) {
            throw GrpcFrontDoor.bindFailure(listener, e);
        }
    }

    private int distrusted() {
        NodeHost open = host;
        return open == null ? 0 : open.distrusted();
    }

    private long storedBytes() {
        return hosted.all().stream().mapToLong(p -> p.view().bytes()).sum();
    }

    private io.gq.proto.v1.BrokerLoad load() {
        return io.gq.proto.v1.BrokerLoad.newBuilder()
                .setStoredBytes(storedBytesLately)
                .setProduceBytesPerS(produceRate.bytesPerS())
                .setDiskFreeBytes(disk == null ? 0 : disk.freeBytes())
                .setDiskFull(disk != null && disk.full())
                .build();
    }

    private Map<NodeId, BrokerLoad> loads() {
        Map<NodeId, BrokerLoad> loads = new HashMap<>();
        peers.states()
                .forEach((peer, state) -> loads.put(
                        peer,
                        new BrokerLoad(
                                state.load().getStoredBytes(),
                                state.load().getProduceBytesPerS(),
                                state.load().getDiskFull())));
        loads.put(node, new BrokerLoad(storedBytes(), produceRate.bytesPerS(), disk != null && disk.full()));
        return loads;
    }

    private Map<String, Endpoint> listeners() {
        return addresses.listeners(grpc, host, http);
    }

    /** Another cluster's controllers at the configured addresses: this disk is not theirs. */
    private void checkCluster(Founding.Membership membership, Map<NodeId, FoundingRule.Answer> answers) {
        answers.forEach((controller, answer) -> answer.clusterId()
                .filter(id -> !id.equals(membership.clusterId()))
                .ifPresent(id -> {
                    throw new BrokerException(
                            ErrorCode.CLUSTER_MISMATCH,
                            "cluster of data_dir " + config.dataDir() + ": " + membership.clusterId() + " (expected: "
                                    + id + ", the cluster of controller node " + controller + ")");
                }));
    }

    /** How this node talks to other brokers' gRPC listeners; empty for plaintext. */
    private Optional<SslContext> peerTls() {
        Listener listener = addresses.peerListener();
        return listener.tls().map(tls -> TlsContexts.client(listener.name(), tls));
    }

    private boolean heardLately(NodeId other) {
        return other.equals(node)
                || peers.heardWithin(other, ClusterMember.silence(config).toNanos(), System.nanoTime());
    }

    private @Nullable Mesh mesh() {
        ClusterMember joined = member;
        return joined == null ? null : joined.mesh();
    }

    private List<RatisGroup> openReplicas() {
        return Stream.concat(controllerReplica().stream(), hosted.all().stream().map(HostedPartition::group))
                .toList();
    }

    private Optional<RatisGroup> controllerReplica() {
        ClusterMember joined = member;
        return joined == null ? Optional.empty() : joined.controllerReplica();
    }

    private Optional<NodeId> controllerLeader() {
        ClusterMember joined = member;
        return joined == null ? Optional.empty() : joined.controllerLeader();
    }

    private String clusterIdIfAny() {
        return data == null ? "" : data.clusterId().orElse("");
    }

    private String clusterId() {
        String id = clusterIdIfAny();
        if (id.isEmpty()) {
            throw new BrokerException(ErrorCode.NOT_READY, "node " + node + ": in no cluster yet (expected: a member)");
        }
        return id;
    }
}
