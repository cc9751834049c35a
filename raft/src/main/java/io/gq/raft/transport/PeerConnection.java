package io.gq.raft.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of a peer to this server. Appends enter the log on the event loop itself, one after the other, without a hand-off; what
 * syncs before it answers (votes, snapshots) runs in the votes' pool. Answers of whatever thread are gathered and leave together.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class PeerConnection extends FrameReader {

    private interface Blocking {
        MessageLite answer() throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(PeerConnection.class);

    private final RaftServer server;
    private final ExecutorService votes;
    private final Channel channel;
    private final Queue<ByteBuf> answers = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sending = new AtomicBoolean();

    PeerConnection(RaftServer server, ExecutorService votes, Channel channel) {
        this.server = server;
        this.votes = votes;
        this.channel = channel;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(Frame.hello());
    }

    @Override
    void onFrame(byte kind, long call, byte[] body) throws IOException {
        switch (kind) {
            case Frame.APPEND -> {
                AppendEntriesRequestProto request = Frame.decode(AppendEntriesRequestProto.parser(), body);
                answer(call, async(() -> server.appendEntriesAsync(request)));
            }
            case Frame.READ_INDEX -> {
                ReadIndexRequestProto request = Frame.decode(ReadIndexRequestProto.parser(), body);
                answer(call, async(() -> server.readIndexAsync(request)));
            }
            case Frame.VOTE -> {
                RequestVoteRequestProto request = Frame.decode(RequestVoteRequestProto.parser(), body);
                block(call, () -> server.requestVote(request));
            }
            case Frame.START_ELECTION -> {
                StartLeaderElectionRequestProto request = Frame.decode(StartLeaderElectionRequestProto.parser(), body);
                block(call, () -> server.startLeaderElection(request));
            }
            case Frame.INSTALL_SNAPSHOT -> {
                InstallSnapshotRequestProto request = Frame.decode(InstallSnapshotRequestProto.parser(), body);
                block(call, () -> server.installSnapshot(request));
            }
            default -> throw new IOException("frame of kind " + kind + " (expected: 1 to 5)");
        }
    }

    private interface Async<M> {
        CompletableFuture<M> start() throws IOException;
    }

    private static <M> CompletableFuture<M> async(Async<M> call) {
        try {
            return call.start();
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answer(long call, CompletableFuture<? extends MessageLite> result) {
        CompletableFuture<?> unused = result.whenComplete((message, failure) -> finish(call, message, failure));
    }

    private void block(long call, Blocking blocking) {
        try {
            votes.execute(() -> {
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
        if (message == null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            answers.add(Frame.failure(channel.alloc(), call, cause == null ? new IOException("no answer") : cause));
        } else {
            answers.add(Frame.encode(channel.alloc(), Frame.ANSWER, call, message));
        }
        if (sending.compareAndSet(false, true)) {
            channel.eventLoop().execute(this::send);
        }
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
