package io.gq.raft.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of a peer to this server. Appends enter the log on the event loop itself, one after the other, without a hand-off. An
 * append that may wait is handed to a pool, and what comes for its group meanwhile queues behind it; votes and snapshots have pools of
 * their own. Answers of whatever thread are gathered and leave together.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class PeerConnection extends FrameReader {

    private interface Blocking {
        MessageLite answer() throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(PeerConnection.class);

    private final RaftServer server;
    private final ByteString self;
    private final Predicate<AppendEntriesRequestProto> mayWait;
    private final PeerTransport.Commits commits;
    private final IoThreads threads;
    private final Channel channel;
    private final Consumer<PeerConnection> onOver;
    /** Whose appends come here; a connection is one server's for all its life. */
    private volatile @Nullable ByteString sender;
    /** What came for groups with an append that waits, by group; of the event loop. */
    private final Map<ByteString, Queue<Append>> waiting = new HashMap<>();

    private final Queue<ByteBuf> answers = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sending = new AtomicBoolean();

    private record Append(long call, AppendEntriesRequestProto request) {
        ByteString group() {
            return request.getServerRequest().getRaftGroupId().getId();
        }
    }

    /** @param onOver told, on the event loop, when it has ended and all that came has been handed to the server */
    PeerConnection(
            RaftServer server,
            Predicate<AppendEntriesRequestProto> mayWait,
            PeerTransport.Commits commits,
            IoThreads threads,
            Channel channel,
            Consumer<PeerConnection> onOver) {
        this.server = server;
        this.self = server.getId().toByteString();
        this.mayWait = mayWait;
        this.commits = commits;
        this.threads = threads;
        this.channel = channel;
        this.onOver = onOver;
    }

    /** Whose appends come here; null before the first one. */
    @Nullable
    ByteString sender() {
        return sender;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.write(Frame.hello());
        context.writeAndFlush(Frame.features(context.alloc()));
    }

    @Override
    void onFrame(byte kind, long call, byte[] body) throws IOException {
        switch (kind) {
            case Frame.APPEND -> {
                AppendEntriesRequestProto request = Frame.decode(AppendEntriesRequestProto.parser(), body);
                if (isForUs(call, request.getServerRequest())) {
                    if (sender == null) {
                        sender = request.getServerRequest().getRequestorId();
                    }
                    append(new Append(call, request));
                }
            }
            case Frame.READ_INDEX -> {
                ReadIndexRequestProto request = Frame.decode(ReadIndexRequestProto.parser(), body);
                if (isForUs(call, request.getServerRequest())) {
                    answer(call, () -> server.readIndexAsync(request));
                }
            }
            case Frame.VOTE -> {
                RequestVoteRequestProto request = Frame.decode(RequestVoteRequestProto.parser(), body);
                block(threads.votes(), call, request.getServerRequest(), () -> server.requestVote(request));
            }
            case Frame.START_ELECTION -> {
                StartLeaderElectionRequestProto request = Frame.decode(StartLeaderElectionRequestProto.parser(), body);
                block(threads.votes(), call, request.getServerRequest(), () -> server.startLeaderElection(request));
            }
            case Frame.INSTALL_SNAPSHOT -> {
                InstallSnapshotRequestProto request = Frame.decode(InstallSnapshotRequestProto.parser(), body);
                block(threads.notices(), call, request.getServerRequest(), () -> server.installSnapshot(request));
            }
            case Frame.COMMITS -> {
                ByteString leader = sender;
                if (leader != null) { // who has sent no append here leads nothing
                    RaftPeerId id = RaftPeerId.valueOf(leader);
                    CommitNotice.decode(body).forEach(notice -> commits.heard(id, notice));
                }
            }
            default -> throw new IOException("frame of kind " + kind + " (expected: 1 to 6)");
        }
    }

    /**
     * Ratis does not look whom a request is for. An address that belonged to another server a moment ago, or to this one before its disk
     * was lost, would count our answer as the other's.
     */
    private boolean isForUs(long call, RaftRpcRequestProto request) {
        boolean ours = request.getReplyId().equals(self);
        if (!ours) {
            String asked = request.getReplyId().toStringUtf8();
            finish(call, null, new IOException("server: " + asked + " (expected: " + self.toStringUtf8() + ")"));
        }
        return ours;
    }

    private void append(Append append) {
        Queue<Append> before = waiting.get(append.group());
        if (before != null) {
            before.add(append);
        } else if (mayWait.test(append.request())) {
            waiting.put(append.group(), new ArrayDeque<>());
            handOver(append);
        } else {
            enter(append);
        }
    }

    private void enter(Append append) {
        answer(append.call(), () -> server.appendEntriesAsync(append.request()));
    }

    private void handOver(Append append) {
        try {
            threads.waiting().execute(() -> {
                try {
                    enter(append);
                } finally {
                    channel.eventLoop().execute(() -> goOn(append.group()));
                }
            });
        } catch (RejectedExecutionException e) {
            channel.close(); // the server is stopping
        }
    }

    private void goOn(ByteString group) {
        Queue<Append> behind = waiting.getOrDefault(group, new ArrayDeque<>());
        for (Append append = behind.poll(); append != null; append = behind.poll()) {
            if (mayWait.test(append.request())) {
                handOver(append);
                return;
            }
            enter(append);
        }
        waiting.remove(group);
        tellWhenOver();
    }

    private void tellWhenOver() {
        if (!channel.isActive() && waiting.isEmpty()) {
            onOver.accept(this);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        super.channelInactive(context);
        tellWhenOver();
    }

    private interface Async<M> {
        CompletableFuture<M> start() throws IOException;
    }

    private <M extends MessageLite> void answer(long call, Async<M> asked) {
        try {
            CompletableFuture<?> unused =
                    asked.start().whenComplete((message, failure) -> finish(call, message, failure));
        } catch (IOException | RuntimeException e) {
            finish(call, null, e);
        }
    }

    private void block(ExecutorService pool, long call, RaftRpcRequestProto request, Blocking blocking) {
        if (!isForUs(call, request)) {
            return;
        }
        try {
            pool.execute(() -> {
                try {
                    finish(call, blocking.answer(), null);
                } catch (IOException | RuntimeException e) {
                    finish(call, null, e);
                }
            });
        } catch (RejectedExecutionException e) {
            finish(call, null, new IOException("the server is stopping", e));
        }
    }

    private void finish(long call, @Nullable MessageLite message, @Nullable Throwable failure) {
        if (!channel.isActive()) {
            return;
        }
        try {
            answers.add(
                    message == null
                            ? Frame.failure(channel.alloc(), call, cause(failure))
                            : Frame.encode(channel.alloc(), Frame.ANSWER, call, message));
        } catch (RuntimeException | OutOfMemoryError e) { // who asked must not wait for ever
            LOG.warn("raft answer cannot be sent remote={}", channel.remoteAddress(), e);
            channel.close();
            return;
        }
        if (sending.compareAndSet(false, true)) {
            channel.eventLoop().execute(this::send);
        }
    }

    private static Throwable cause(@Nullable Throwable failure) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return failure.getCause();
        }
        return failure == null ? new IOException("no answer") : failure;
    }

    private void send() {
        sending.set(false);
        for (ByteBuf answer = answers.poll(); answer != null; answer = answers.poll()) {
            channel.write(answer, channel.voidPromise());
        }
        channel.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.info("raft connection ended remote={} cause={}", context.channel().remoteAddress(), String.valueOf(cause));
        context.close();
    }
}
