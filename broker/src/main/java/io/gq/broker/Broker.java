package io.gq.broker;

import io.gq.broker.admin.ClusterAdmin;
import io.gq.broker.admin.ReplicaAdmin;
import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.ControllerAddress;
import io.gq.broker.config.HostPort;
import io.gq.broker.config.Listener;
import io.gq.broker.data.DataDirectory;
import io.gq.broker.data.DiskGuard;
import io.gq.broker.grpc.AdminEndpoint;
import io.gq.broker.grpc.BrokerEndpoint;
import io.gq.broker.grpc.ErrorMapping;
import io.gq.broker.grpc.GrpcFrontDoor;
import io.gq.broker.grpc.NodeView;
import io.gq.broker.host.ClusterMember;
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
import io.gq.broker.peer.ControllerClient;
import io.gq.broker.peer.Founding;
import io.gq.broker.peer.FoundingRule;
import io.gq.broker.peer.PeerClients;
import io.gq.broker.peer.PeerEndpoint;
import io.gq.broker.peer.PeerTable;
import io.gq.broker.peer.ReplicaClient;
import io.gq.broker.security.Authorizer;
import io.gq.broker.service.PartitionFetchService;
import io.gq.broker.service.PartitionProduceService;
import io.gq.broker.service.ProducerIds;
import io.gq.broker.service.Router;
import io.gq.controller.ControllerConfig;
import io.gq.controller.ControllerProposals;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.placement.BrokerLoad;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.io.NioStorageFiles;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.Endpoint;
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

    private final BrokerConfig config;
    private final NodeId node;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final RuntimeThreads threads =
            new RuntimeThreads(Runtime.getRuntime().availableProcessors());
    private final Scheduler scheduler = threads.scheduler();
    private final BrokerMetrics metrics;

    private final PeerTable peers = new PeerTable();
    private final LeaderTable leaders = new LeaderTable();
    private final HostedPartitions hosted = new HostedPartitions();
    private final ImageHolder images = new ImageHolder(ClusterImage.EMPTY, threads.metadata());
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    private @Nullable DataDirectory data;
    private @Nullable DiskGuard disk;
    private @Nullable NodeHost host;
    private @Nullable HttpFrontDoor http;
    private @Nullable GrpcFrontDoor grpc;
    private @Nullable BrokerEndpoint brokerEndpoint;
    private @Nullable PeerClients clients;
    private volatile @Nullable ClusterMember member;

    public Broker(BrokerConfig config) {
        this.config = config;
        this.node = config.nodeId();
        this.metrics = BrokerMetrics.create(config);
    }
}
