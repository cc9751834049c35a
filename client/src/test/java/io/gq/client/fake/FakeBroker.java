package io.gq.client.fake;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One broker of a {@link FakeCluster}: a gRPC server on loopback that keeps its port over restarts. */
public final class FakeBroker {

    private final FakeCluster cluster;
    private final int node;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fake-broker");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<FakeBrokerService.ProduceCall> produceCalls = ConcurrentHashMap.newKeySet();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile @Nullable Server server;
    private volatile int port;
    private volatile String clusterId;
    private boolean frozen;

    FakeBroker(FakeCluster cluster, int node) {
        this.cluster = cluster;
        this.node = node;
        this.clusterId = cluster.clusterId();
    }

    public int node() {
        return node;
    }

    public int port() {
        return port;
    }

    public boolean running() {
        return server != null;
    }

    /** The methods called so far, in order: their bare names. */
    public List<String> calls() {
        return calls;
    }

    /** Starts, on the port it had before if it had one. */
    public void start() {
        try {
            Server started = NettyServerBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .executor(threads)
                    .maxInboundMessageSize(64 << 20)
                    .permitKeepAliveTime(1, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .intercept(new CallLog())
                    .addService(new FakeBrokerService(cluster, this))
                    .addService(new FakeAdminService(cluster, this))
                    .build()
                    .start();
            port = started.getPort();
            server = started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops at once: connections break. What was appended stays in the cluster. */
    public void kill() {
        Server running = server;
        server = null;
        unfreeze();
        if (running != null) {
            running.shutdownNow();
            try {
                running.awaitTermination(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Answers nothing until {@link #unfreeze}; connections stay. What came meanwhile is handled then. */
    public synchronized void freeze() {
        frozen = true;
    }

    public synchronized void unfreeze() {
        frozen = false;
        notifyAll();
    }

    synchronized void awaitUnfrozen() {
        try {
            while (frozen) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Breaks every produce stream. */
    public void breakStreams() {
        produceCalls.forEach(FakeBrokerService.ProduceCall::breakStream);
    }

    /** Claims to be of another cluster from now on. */
    public void claimCluster(String id) {
        clusterId = id;
    }

    String claimedCluster() {
        return clusterId;
    }

    ExecutorService threads() {
        return threads;
    }

    Set<FakeBrokerService.ProduceCall> produceCalls() {
        return produceCalls;
    }

    private final class CallLog implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            calls.add(String.valueOf(call.getMethodDescriptor().getBareMethodName()));
            return next.startCall(call, headers);
        }
    }
}
