package io.gq.client.internal;

import io.gq.client.BrokerAddress;
import io.gq.client.ClientConfig;
import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.HelloRequest;
import io.gq.proto.v1.HelloResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one client: one a broker, shared by all that use it, greeted with Hello before anything else is sent. An
 * address that just failed is not tried again before a short wait. Safe for use by many threads.
 */
public final class Connections implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    private static final int API_VERSION = 1;
    private static final int ANSWER_BYTES_MAX = 64 << 20;

    private final ClientConfig config;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Optional<SslContext> tls;
    private final Map<BrokerAddress, Slot> slots = new HashMap<>();
    private Optional<String> clusterId;
    private boolean closed;

    /** @throws GqException INVALID_CONFIG where the certificates are of no use */
    public Connections(ClientConfig config, LongSupplier nanoTime, RandomGenerator random) {
        this.config = config;
        this.nanoTime = nanoTime;
        this.random = random;
        this.tls = config.tls().map(TlsContext::of);
        this.clusterId = config.clusterId();
    }

    /**
     * A greeted connection to the broker at this address: the one there is, or a new one.
     *
     * @return fails with {@link GqException}: BROKER_UNAVAILABLE where nobody answers (at once, where the last try was a moment
     *     ago), CLUSTER_MISMATCH where another cluster does. Completes on a thread of the transport: do little there.
     */
    public CompletableFuture<BrokerConnection> to(BrokerAddress address) {
        BrokerConnection connection;
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(
                        new GqException(ErrorCode.SHUTTING_DOWN, "client: closed (expected: open)"));
            }
            Slot slot = slots.computeIfAbsent(address, a -> new Slot());
            BrokerConnection present = slot.connection;
            if (present != null && present.usable()) {
                return present.greeted();
            }
            GqException failure = slot.failure;
            if (failure != null && nanoTime.getAsLong() - slot.notBefore < 0) {
                return CompletableFuture.failedFuture(failure);
            }
            connection = new BrokerConnection(address, channel(address));
            slot.connection = connection;
        }
        connection.watch(() -> lost(connection));
        greet(connection);
        return connection.greeted();
    }

    /** True where a connection to the address stands or nothing is known against it. */
    public synchronized boolean promising(BrokerAddress address) {
        Slot slot = slots.get(address);
        return slot == null || slot.failure == null;
    }

    /** The cluster this client talks to, once a broker answered. */
    public synchronized Optional<String> clusterId() {
        return clusterId;
    }

    /** Gives a connection up that answers nothing any more; the next use makes a new one. */
    public void abandon(BrokerConnection connection, GqException reason) {
        failed(connection, reason, true);
    }

    private ManagedChannel channel(BrokerAddress address) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address.host(), address.port())
                .directExecutor()
                .disableRetry()
                .keepAliveTime(config.keepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(config.requestTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .maxInboundMessageSize(ANSWER_BYTES_MAX)
                .flowControlWindow(1 << 20);
        tls.ifPresentOrElse(builder::sslContext, builder::usePlaintext);
        return builder.build();
    }

    private void greet(BrokerConnection connection) {
        HelloRequest hello = HelloRequest.newBuilder()
                .setClientName(config.clientName())
                .setClientVersion("0.1.0")
                .setExpectedClusterId(clusterId().orElse(""))
                .build();
        Futures.whenDone(
                Calls.unary(connection.channel(), BrokerGrpc.getHelloMethod(), hello, config.connectTimeout()),
                (answer, failure) -> {
                    if (failure != null) {
                        failed(connection, unavailable(connection.address(), failure), true);
                        return;
                    }
                    GqException refusal = refusal(connection.address(), answer);
                    if (refusal != null) {
                        failed(connection, refusal, true);
                    } else {
                        succeeded(connection, answer);
                    }
                });
    }

    private @Nullable GqException refusal(BrokerAddress address, HelloResponse answer) {
        if (answer.hasError()) {
            return Errors.fromWire(answer.getError());
        }
        if (answer.getApiVersionMin() > API_VERSION || answer.getApiVersionMax() < API_VERSION) {
            return new GqException(
                    ErrorCode.UNSUPPORTED_VERSION,
                    "api version of " + address + ": " + answer.getApiVersionMin() + " to " + answer.getApiVersionMax()
                            + " (expected: a range with " + API_VERSION + ")");
        }
        synchronized (this) {
            if (clusterId.isEmpty()) {
                clusterId = Optional.of(answer.getClusterId());
            }
            String expected = clusterId.get();
            return expected.equals(answer.getClusterId())
                    ? null
                    : new GqException(
                            ErrorCode.CLUSTER_MISMATCH,
                            "cluster of " + address + ": " + answer.getClusterId() + " (expected: " + expected + ")");
        }
    }

    private void succeeded(BrokerConnection connection, HelloResponse answer) {
        synchronized (this) {
            Slot slot = slots.get(connection.address());
            if (slot != null && slot.connection == connection) {
                slot.failure = null;
                slot.backoff.reset();
            }
        }
        LOG.debug("connected broker={} address={}", answer.getNodeId(), connection.address());
        connection.becomeUsable(answer.getNodeId(), answer.getMessageBytesMax());
    }

    private void lost(BrokerConnection connection) {
        if (connection.greeted().isDone()) {
            failed(
                    connection,
                    new GqException(ErrorCode.BROKER_UNAVAILABLE, "connection to " + connection.address() + ": lost"),
                    false);
        } // else the greeting fails and says why
    }

    private void failed(BrokerConnection connection, GqException reason, boolean now) {
        synchronized (this) {
            Slot slot = slots.get(connection.address());
            if (slot != null && slot.connection == connection && connection.usable()) {
                slot.failure = reason;
                slot.notBefore = nanoTime.getAsLong() + slot.backoff.nextNanos();
            }
        }
        if (connection.close(now, reason)) {
            LOG.debug("connection gone address={} reason={}", connection.address(), reason.getMessage());
        }
    }

    private static GqException unavailable(BrokerAddress address, Throwable failure) {
        GqException told = Errors.fromCall("hello to " + address, failure);
        return switch (told.code()) {
            case TIMEOUT, OUTCOME_UNKNOWN, INTERNAL ->
                new GqException(ErrorCode.BROKER_UNAVAILABLE, String.valueOf(told.getMessage()), told);
            default -> told;
        };
    }

    @Override
    public void close() {
        List<BrokerConnection> open = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (Slot slot : slots.values()) {
                if (slot.connection != null) {
                    open.add(slot.connection);
                }
            }
            slots.clear();
        }
        GqException reason = new GqException(ErrorCode.SHUTTING_DOWN, "client: closed (expected: open)");
        open.forEach(connection -> connection.close(true, reason));
    }

    /** What is known of one address. */
    private final class Slot {
        final Backoff backoff = new Backoff(random, config.retryBackoff(), config.retryBackoffMax());

        @Nullable
        BrokerConnection connection;

        @Nullable
        GqException failure;

        long notBefore;
    }
}
