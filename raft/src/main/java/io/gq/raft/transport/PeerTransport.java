package io.gq.raft.transport;

import io.gq.core.NodeId;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexReplyProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.Parser;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one Raft server. To each peer it keeps one connection a lane for the appends of the groups, which are spread over
 * the lanes, and one for votes and other calls, so that these do not wait behind entries. Thread-safe.
 */
public final class PeerTransport implements RaftServerRpc, RaftServerAsynchronousProtocol {

    /** How long a peer may owe answers without giving any, where nothing else is wanted. */
    public static final Duration SILENCE_MAX = Duration.ofSeconds(5);

    private static final int CALLS = -1;

    /** Where a node's server of this kind listens now. */
    public interface Addresses {
        Optional<InetSocketAddress> find(NodeId node);

        /** Runs after each change, until unlistened. */
        void listen(Runnable changed);

        void unlisten(Runnable changed);
    }

    /** Hears of commits that leaders tell without an append; on an event loop. */
    public interface Commits {
        void heard(RaftPeerId leader, CommitNotice notice);
    }

    /**
     * @param name of the server's kind, for messages
     * @param bindPort 0 takes a free one
     * @param nodes the node of a peer id
     * @param callTimeout of votes and other calls
     * @param silenceMax how long a peer may owe answers without giving any
     */
    public record Setup(
            String name,
            String bindHost,
            int bindPort,
            Addresses addresses,
            Function<String, NodeId> nodes,
            PeerTls tls,
            IoThreads threads,
            Duration callTimeout,
            Duration silenceMax) {}

    private record Lane(NodeId node, int number) {}

    private final Setup setup;
    private final RpcType type;
    private final RaftServer server;
    private final Predicate<AppendEntriesRequestProto> mayWait;
    private final Commits commits;
    private final Map<Lane, PeerLink> links = new ConcurrentHashMap<>();
    private final Set<PeerConnection> connections = ConcurrentHashMap.newKeySet();
    private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Runnable onAddresses = this::addressesChanged;
    private volatile @Nullable Channel listening;
    private volatile boolean closed;

    /**
     * @param server who answers what comes in
     * @param mayWait whether the server may hold up the thread that hands it the append; asked on an event loop
     */
    public PeerTransport(
            Setup setup,
            RpcType type,
            RaftServer server,
            Predicate<AppendEntriesRequestProto> mayWait,
            Commits commits) {
        this.setup = setup;
        this.type = type;
        this.server = server;
        this.mayWait = mayWait;
        this.commits = commits;
    }

    private void addressesChanged() {
        links.values().forEach(PeerLink::addressChanged);
    }

    @Override
    public RpcType getRpcType() {
        return type;
    }

    @Override
    public void start() throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(setup.threads().loops())
                .channel(Sockets.server())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true) // of a host that is gone we would not hear
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(channel);
                        setup.tls().addServer(channel);
                        PeerConnection connection = new PeerConnection(
                                server, mayWait, commits, setup.threads(), channel, connections::remove);
                        connections.add(connection);
                        channel.pipeline().addLast(connection);
                    }
                });
        try {
            listening = bootstrap
                    .bind(setup.bindHost(), setup.bindPort())
                    .syncUninterruptibly()
                    .channel();
        } catch (Exception e) { // Netty throws the IOException of the bind undeclared
            throw e instanceof IOException io ? io : new IOException(e);
        }
        setup.addresses().listen(onAddresses);
    }

    @Override
    public InetSocketAddress getInetSocketAddress() {
        Channel channel = listening;
        return channel == null
                ? InetSocketAddress.createUnresolved(setup.bindHost(), setup.bindPort())
                : (InetSocketAddress) channel.localAddress();
    }

    /**
     * Whether appends of the node may still come in: a connection over which some came is open, or what it brought has not been handed to
     * the server yet. For any thread.
     */
    public boolean hears(NodeId node) {
        for (PeerConnection connection : connections) {
            ByteString sender = connection.sender();
            if (sender != null && setup.nodes().apply(sender.toStringUtf8()).equals(node)) {
                return true;
            }
        }
        return false;
    }

    /** The node is there again after a silence: connections over which it has owed answers for a while are made anew. */
    public void reconnect(NodeId node) {
        links.forEach((lane, link) -> {
            if (lane.node().equals(node)) {
                link.renewWhereStuck();
            }
        });
    }

    /** The connection that carries the group's appends to the peer. */
    public PeerLink link(RaftPeerId peer, Object group) {
        return link(
                setup.nodes().apply(peer.toString()),
                Math.floorMod(group.hashCode(), setup.threads().lanes()));
    }

    private PeerLink link(NodeId node, int number) {
        PeerLink link = links.computeIfAbsent(
                new Lane(node, number),
                lane -> new PeerLink(
                        setup.name() + " server of node " + node,
                        setup.threads().next(),
                        () -> setup.addresses().find(node),
                        setup.tls(),
                        setup.threads().lookup(),
                        setup.silenceMax()));
        if (closed) {
            link.close();
        }
        return link;
    }

    /** Sends a notice or a piece of a snapshot; the reply comes on some event loop. */
    public void installSnapshot(RaftPeerId peer, InstallSnapshotRequestProto request, PeerLink.Reply reply) {
        calls(peer).call(Frame.INSTALL_SNAPSHOT, request, reply);
    }

    private PeerLink calls(RaftPeerId peer) {
        return link(setup.nodes().apply(peer.toString()), CALLS);
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        return await(call(request.getServerRequest(), Frame.VOTE, request, RequestVoteReplyProto.parser()));
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        return await(call(
                request.getServerRequest(), Frame.START_ELECTION, request, StartLeaderElectionReplyProto.parser()));
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        return await(
                call(request.getServerRequest(), Frame.INSTALL_SNAPSHOT, request, InstallSnapshotReplyProto.parser()));
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        return await(appendEntriesAsync(request));
    }

    @Override
    public RaftServerAsynchronousProtocol async() {
        return this;
    }

    @Override
    public CompletableFuture<AppendEntriesReplyProto> appendEntriesAsync(AppendEntriesRequestProto request) {
        return call(request.getServerRequest(), Frame.APPEND, request, AppendEntriesReplyProto.parser());
    }

    @Override
    public CompletableFuture<ReadIndexReplyProto> readIndexAsync(ReadIndexRequestProto request) {
        return call(request.getServerRequest(), Frame.READ_INDEX, request, ReadIndexReplyProto.parser());
    }

    private <M> CompletableFuture<M> call(
            RaftRpcRequestProto header, byte kind, MessageLite request, Parser<M> answers) {
        CompletableFuture<M> result = new CompletableFuture<>();
        PeerLink link = calls(peer(header.getReplyId()));
        link.call(kind, request, new PeerLink.Reply() {
            @Override
            public void answered(byte[] body) {
                try {
                    result.complete(Frame.decode(answers, body));
                } catch (IOException e) {
                    result.completeExceptionally(e);
                }
            }

            @Override
            public void failed(IOException cause) {
                result.completeExceptionally(cause);
            }
        });
        ScheduledFuture<?> timer = link.loop()
                .schedule(
                        () -> result.completeExceptionally(new TimeoutException()),
                        setup.callTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        CompletableFuture<?> unused = result.whenComplete((message, failure) -> timer.cancel(false));
        return result;
    }

    private static RaftPeerId peer(ByteString id) {
        return RaftPeerId.valueOf(id);
    }

    private static <M> M await(CompletableFuture<M> result) throws IOException {
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw cause instanceof IOException io
                    ? io
                    : new IOException(cause instanceof TimeoutException ? "no answer in time" : "call failed", cause);
        }
    }

    /** Peers are found by their node. */
    @Override
    public void addRaftPeers(java.util.Collection<RaftPeer> peers) {}

    /** Connections are made anew by themselves. */
    @Override
    public void handleException(RaftPeerId peer, Exception e, boolean reconnect) {}

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // connections end by themselves
    public void close() {
        closed = true;
        setup.addresses().unlisten(onAddresses);
        Channel channel = listening;
        if (channel != null) {
            channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
        accepted.close();
        links.values().forEach(PeerLink::close);
    }
}
