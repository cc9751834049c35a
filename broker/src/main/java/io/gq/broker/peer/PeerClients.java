package io.gq.broker.peer;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.PeerGrpc;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** One connection to each other broker, made when it is first needed and again when its address changes. Thread-safe. */
public final class PeerClients implements AutoCloseable {

    private static final int FRAME_BYTES_MAX = 16 << 20;
    /** So many beats go to a dead broker in a failover that each of them trying to connect would cost more than the rest of it. */
    private static final long TRY_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final PeerTable peers;
    private final LongSupplier nanoClock;
    private final Executor executor;
    private final Optional<SslContext> tls;
    private final ConcurrentHashMap<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Endpoint, Long> triedAtNanos = new ConcurrentHashMap<>();

    /** @param tls shows this node's certificate; empty where the brokers' gRPC is plaintext */
    public PeerClients(PeerTable peers, LongSupplier nanoClock, Executor executor, Optional<SslContext> tls) {
        this.peers = peers;
        this.nanoClock = nanoClock;
        this.executor = executor;
        this.tls = tls;
    }

    /**
     * One call to a broker.
     *
     * @param call starts it on the stub, with the observer to answer to
     * @return the answer; exceptionally also UNKNOWN_BROKER, where the node's address is not known yet
     */
    public <T> CompletableFuture<T> call(
            NodeId node, long timeoutMs, BiConsumer<PeerGrpc.PeerStub, StreamObserver<T>> call) {
        try {
            return call(endpoint(node), timeoutMs, call);
        } catch (BrokerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** As {@link #call(NodeId, long, BiConsumer)}, where only the address is known. */
    public <T> CompletableFuture<T> call(
            Endpoint endpoint, long timeoutMs, BiConsumer<PeerGrpc.PeerStub, StreamObserver<T>> call) {
        UnaryAnswer<T> answer = new UnaryAnswer<>();
        call.accept(PeerGrpc.newStub(channel(endpoint)).withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS), answer);
        return answer.future();
    }

    public PeerGrpc.PeerBlockingStub blocking(NodeId node, long timeoutMs) {
        return PeerGrpc.newBlockingStub(channel(endpoint(node))).withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS);
    }

    /** What is asked of the broker from now on goes over a new connection. */
    public void reconnect(NodeId node) {
        peers.endpoint(node, "grpc").map(channels::get).ifPresent(ManagedChannel::enterIdle);
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
    }

    private Endpoint endpoint(NodeId node) {
        return peers.endpoint(node, "grpc")
                .orElseThrow(() -> new BrokerException(
                        ErrorCode.UNKNOWN_BROKER, "node: " + node + " (expected: a broker whose address is known)"));
    }

    /** A broker that was away is tried anew soon: a growing pause between tries would hide from it for seconds that it is back. */
    private ManagedChannel channel(Endpoint endpoint) {
        ManagedChannel channel = channels.computeIfAbsent(endpoint, this::connect);
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE && mayTry(endpoint)) {
            channel.resetConnectBackoff();
        }
        return channel;
    }

    private boolean mayTry(Endpoint endpoint) {
        long now = nanoClock.getAsLong();
        Long before = triedAtNanos.get(endpoint);
        if (before != null && now - before < TRY_AGAIN_NANOS) {
            return false;
        }
        triedAtNanos.put(endpoint, now);
        return true;
    }

    private ManagedChannel connect(Endpoint endpoint) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort())
                .executor(executor)
                .maxInboundMessageSize(FRAME_BYTES_MAX)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS);
        tls.ifPresentOrElse(builder::sslContext, builder::usePlaintext);
        return builder.build();
    }
}
