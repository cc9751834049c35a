package io.gq.broker.peer;

import io.gq.proto.v1.Endpoint;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The mesh's own connections, on an event loop of their own: a beacon must not wait behind a snapshot that another broker copies, nor
 * behind the requests of clients.
 */
public final class MeshChannels implements AutoCloseable {

    /** The system sends its first packet again after a second only. */
    private static final int CONNECT_TIMEOUT_MS = 500;

    private final Executor executor;
    private final Optional<SslContext> tls;
    private final EventLoopGroup loop;
    private final Map<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();

    /**
     * @param executor runs the callbacks of calls
     * @param tls how to talk to other brokers' gRPC listeners; empty for plaintext
     * @param threads makes the event loop's one thread
     */
    public MeshChannels(Executor executor, Optional<SslContext> tls, ThreadFactory threads) {
        this.executor = executor;
        this.tls = tls;
        this.loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    }

    /** A channel that tries to connect anew at once, however often it failed before. */
    ManagedChannel channel(Endpoint endpoint) {
        ManagedChannel channel = channels.computeIfAbsent(endpoint, this::connect);
        channel.resetConnectBackoff();
        return channel;
    }

    /** Keeps the channel no longer: the next one has a connection of its own, and the caller shuts this one down. */
    void letGo(ManagedChannel channel) {
        channels.values().remove(channel);
    }

    private ManagedChannel connect(Endpoint endpoint) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort())
                .executor(executor)
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS);
        tls.ifPresentOrElse(builder::sslContext, builder::usePlaintext);
        return builder.build();
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
        var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
