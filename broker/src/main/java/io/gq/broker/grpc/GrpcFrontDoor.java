package io.gq.broker.grpc;

import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.HostPort;
import io.gq.broker.config.Listener;
import io.gq.broker.config.ServerConfig;
import io.gq.broker.security.Authenticator;
import io.gq.broker.security.Authorizer;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC servers of a node, one for each gRPC listener, with the same services. Every call passes the authorizer.
 *
 * <pre>
 *   new --start--> not serving --serving(true)--> serving --stop--> stopped
 * </pre>
 */
public final class GrpcFrontDoor {

    private static final Logger log = LoggerFactory.getLogger(GrpcFrontDoor.class);

    /** What a message holds beside the record batch; also, how far a batch may be too large and still get an error of its own. */
    private static final int MESSAGE_MARGIN_BYTES = 1 << 20;

    private static final Duration STOP_LOOK = Duration.ofMillis(20);

    private static final int FLOW_CONTROL_WINDOW_BYTES = 4 << 20;
    /** Streams a client may reset in so many seconds; more is an attack. */
    private static final int RESETS_MAX = 1000;

    private static final int RESETS_SECONDS = 10;

    private final LongSupplier nanoTime;
    private final BrokerConfig config;
    private final Executor executor;
    private final FrontDoorMetrics metrics;
    private final List<BindableService> services;
    private final Map<String, Executor> apart;
    private final HealthStatusManager health = new HealthStatusManager();
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private final CallGate gate;

    /**
     * @param nanoTime monotonic, nanoseconds
     * @param executor runs calls; they do not block
     * @param services beside health and reflection, which are always there
     * @param apart executors of methods that run apart from the others, by full method name
     */
    public GrpcFrontDoor(
            LongSupplier nanoTime,
            BrokerConfig config,
            Executor executor,
            Authorizer authorizer,
            FrontDoorMetrics metrics,
            List<BindableService> services,
            Map<String, Executor> apart) {
        this.nanoTime = nanoTime;
        this.config = config;
        this.executor = executor;
        this.gate = new CallGate(authorizer, metrics);
        this.metrics = metrics;
        this.services = List.copyOf(services);
        this.apart = Map.copyOf(apart);
        serving(false);
    }

    /**
     * Listens. The health service answers NOT_SERVING until {@link #serving}.
     *
     * @throws BrokerException ADDRESS_IN_USE where a port is taken; nothing listens then
     */
    public void start() {
        try {
            for (Listener listener : config.grpcListeners()) {
                Server server = server(listener);
                servers.put(listener.name(), server);
                start(listener, server);
                log.info(
                        "listening listener={} address={} protocol={}",
                        listener.name(),
                        listener.bind().withPort(server.getPort()),
                        listener.protocol());
            }
        } catch (BrokerException e) {
            servers.values().forEach(Server::shutdownNow);
            throw e;
        }
    }

    /** Where clients are told to connect, by listener: with the port the system picked where 0 was configured. */
    public Map<String, HostPort> advertised() {
        Map<String, HostPort> addresses = new LinkedHashMap<>();
        for (Listener listener : config.grpcListeners()) {
            Server server = servers.get(listener.name());
            HostPort address = listener.advertised();
            addresses.put(
                    listener.name(),
                    server != null && address.port() == 0 ? address.withPort(server.getPort()) : address);
        }
        return addresses;
    }

    /** What the health service answers, for the server and for each service. */
    public void serving(boolean serving) {
        ServingStatus status = serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
        services.forEach(
                s -> health.setStatus(s.bindService().getServiceDescriptor().getName(), status));
    }

    /** Takes no more calls, lets those of clients finish for so long, then cuts off what is left. Returns when nothing listens. */
    public void stop(Duration timeout) throws InterruptedException {
        health.enterTerminalState();
        servers.values().forEach(Server::shutdown);
        long deadline = nanoTime.getAsLong() + timeout.toNanos();
        while (gate.underWay() > 0 && nanoTime.getAsLong() < deadline && !terminated(STOP_LOOK)) {
            log.debug("waiting for calls to finish underWay={}", gate.underWay());
        }
        int cutOff = gate.underWay();
        for (Server server : servers.values()) {
            server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
        }
        log.info("stopped listening listeners={} callsCutOff={}", servers.keySet(), cutOff);
    }

    /** Waits so long at most for all servers to have ended. */
    private boolean terminated(Duration patience) throws InterruptedException {
        for (Server server : servers.values()) {
            if (!server.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return true;
    }

    private Server server(Listener listener) {
        ServerConfig limits = config.server();
        InetSocketAddress address =
                new InetSocketAddress(listener.bind().host(), listener.bind().port());
        if (address.isUnresolved()) {
            throw new BrokerException(
                    ErrorCode.INVALID_CONFIG,
                    "listeners." + listener.name() + ".bind: " + listener.bind() + " (expected: a host that resolves)");
        }
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .executor(executor)
                .intercept(gate)
                .addTransportFilter(new ConnectionTracker(
                        listener.name(),
                        limits.connectionsMax(),
                        config.produce().connectionBytesMax().bytes(),
                        config.fetch().connectionBytesMax().bytes(),
                        new Authenticator(Set.copyOf(config.peerIdentities())),
                        metrics))
                .maxInboundMessageSize(config.maxMessageSize().toIntExact() + MESSAGE_MARGIN_BYTES)
                .maxInboundMetadataSize(limits.headerBytesMax().toIntExact())
                .maxConcurrentCallsPerConnection(limits.callsPerConnectionMax())
                .maxConnectionIdle(limits.connectionIdleTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTime(limits.keepaliveInterval().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(limits.keepaliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(limits.keepaliveMin().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .maxRstFramesPerWindow(RESETS_MAX, RESETS_SECONDS)
                .initialFlowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance());
        listener.tls().ifPresent(tls -> builder.sslContext(TlsContexts.server(listener.name(), tls)));
        services.forEach(builder::addService);
        builder.callExecutor(new ServerCallExecutorSupplier() {
            @Override
            public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
                return apart.get(call.getMethodDescriptor().getFullMethodName());
            }
        });
        return builder.build();
    }

    private static void start(Listener listener, Server server) {
        try {
            server.start();
        } catch (IOException e) {
            throw bindFailure(listener, e);
        }
    }

    /** What a listener's failure to bind means; also for the other listeners of the node. */
    public static BrokerException bindFailure(Listener listener, IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if ((cause instanceof BindException && message.contains("in use"))
                    || message.contains("Address already in use")) {
                return new BrokerException(
                        ErrorCode.ADDRESS_IN_USE,
                        "listeners." + listener.name() + ".bind: " + listener.bind() + " (expected: a free port; port "
                                + listener.bind().port() + " is taken)",
                        e);
            }
        }
        return new BrokerException(
                ErrorCode.INVALID_CONFIG,
                "listeners." + listener.name() + ".bind: " + listener.bind()
                        + " (expected: an address of this machine): " + e.getMessage(),
                e);
    }
}
