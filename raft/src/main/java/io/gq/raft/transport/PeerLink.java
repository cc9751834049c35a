package io.gq.raft.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a peer, made anew for as long as somebody needs it. All state belongs to one event loop; the methods may be called
 * by any thread, and what one thread sends goes out in its order. Answers and events come on the event loop.
 *
 * <pre>
 *   DOWN --wanted--> CONNECTING --the peer's first bytes--> UP
 *    '--- not reached, no word from it in time, lost ----------'     close(): CLOSED, from everywhere
 * </pre>
 *
 * <p>A peer that keeps a connection but does not answer (stopped, or behind a network that drops what is sent) is let go after a time of
 * silence while answers are due: TCP itself would go on for minutes, and after a partition heals it would wait for its own long timer.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
public final class PeerLink {

    /** Who sent something. */
    public interface Reply {
        /** @param body of the answer, which now belongs to the callee */
        void answered(byte[] body);

        /** The peer refused, or the connection broke: then the peer may have acted on it or not. */
        void failed(IOException cause);
    }

    /** Who sends for long. */
    public interface User {
        /** The connection is there again, or has room again. */
        void onRoom();
    }

    private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
    private static final int CONNECT_TIMEOUT_MS = 1_000;
    /** What a peer that takes its time may have unanswered: it holds all of it in memory until it is on its disk. */
    private static final long DUE_BYTES_MAX = 32 << 20;

    /** When a peer is there again, a connection that has owed answers for so long waits for TCP's timer. */
    private static final long STUCK_MS = 500;

    private static final long ANSWER_WAIT_MS = 100;

    private static final long RETRY_FIRST_MS = 10;
    private static final long RETRY_MAX_MS = 200;
    private static final WriteBufferWaterMark WRITE_BUFFER = new WriteBufferWaterMark(2 << 20, 4 << 20);

    private enum State {
        DOWN,
        CONNECTING,
        UP,
        CLOSED
    }

    private record Outgoing(byte kind, MessageLite message, Reply reply) {}

    private record Due(Reply reply, int bytes) {}

    private final String name;
    private final EventLoop loop;
    private final Supplier<Optional<InetSocketAddress>> address;
    private final PeerTls tls;
    private final AddressResolverGroup<InetSocketAddress> lookup;
    private final long silenceMaxMs;

    private State state = State.DOWN;
    private volatile @Nullable Channel channel;
    private @Nullable InetSocketAddress target;
    private final LongObjectMap<Due> due = new LongObjectHashMap<>();
    private volatile long dueBytes;
    private final Queue<Outgoing> held = new ArrayDeque<>();
    private final List<CommitNotice> notices = new ArrayList<>();
    private boolean appended;
    private volatile boolean takesCommits;
    private final Set<User> users = new LinkedHashSet<>();
    private final AtomicInteger handed = new AtomicInteger();
    private long nextCall;
    private long lastHeardNanos;
    private long retryMs = RETRY_FIRST_MS;
    private boolean flushPending;
    private boolean retryPending;

    /**
     * @param address where the peer listens now, not yet resolved; asked at each try
     * @param silenceMax how long a peer may owe answers without giving any
     */
    PeerLink(
            String name,
            EventLoop loop,
            Supplier<Optional<InetSocketAddress>> address,
            PeerTls tls,
            AddressResolverGroup<InetSocketAddress> lookup,
            Duration silenceMax) {
        this.name = name;
        this.loop = loop;
        this.address = address;
        this.tls = tls;
        this.lookup = lookup;
        this.silenceMaxMs = silenceMax.toMillis();
    }

    /** The thread on which answers and events come. */
    public EventLoop loop() {
        return loop;
    }

    /** True while what is sent goes to the socket's buffer, that is not full, and the peer does not owe too many answers. */
    public boolean hasRoom() {
        Channel now = channel;
        return now != null && now.isWritable() && dueBytes < DUE_BYTES_MAX;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the event loop alone writes it
    private void addDueBytes(long bytes) {
        dueBytes += bytes;
    }

    /** The event loop's clock, monotonic. */
    public long nanoTime() {
        return loop.ticker().nanoTime();
    }

    public boolean isUp() {
        return channel != null;
    }

    /** Keeps the connection up for this user. */
    public void attach(User user) {
        loop.execute(() -> {
            users.add(user);
            connect();
        });
    }

    public void detach(User user) {
        loop.execute(() -> users.remove(user));
    }

    /** Sends an append; fails at once where the connection is down. */
    public void append(MessageLite request, Reply reply) {
        onLoop(() -> {
            if (state == State.UP) {
                appended = true;
                write(Frame.APPEND, request, reply);
            } else {
                reply.failed(new IOException(name + " is not connected"));
            }
        });
    }

    /** Whether the peer takes word of commits now. */
    public boolean takesCommits() {
        return takesCommits && hasRoom();
    }

    /** Tells the peer of a commit, in one frame with what else it is told in this turn of the loop; lost where the connection is down. */
    public void tell(CommitNotice notice) {
        onLoop(() -> {
            if (state == State.UP && appended) { // by its appends the peer knows whose word it is
                notices.add(notice);
                flushSoon();
            }
        });
    }

    /** Sends a request, after trying once to connect where that is needed. */
    void call(byte kind, MessageLite request, Reply reply) {
        onLoop(() -> {
            if (state == State.UP) {
                write(kind, request, reply);
            } else if (state == State.CLOSED) {
                reply.failed(new IOException(name + " is closed"));
            } else {
                held.add(new Outgoing(kind, request, reply));
                connect();
            }
        });
    }

    /** Nothing that the loop sends overtakes what another thread has handed to it. */
    private void onLoop(Runnable task) {
        if (loop.inEventLoop() && handed.get() == 0) {
            task.run();
        } else {
            handed.incrementAndGet();
            loop.execute(() -> {
                handed.decrementAndGet();
                task.run();
            });
        }
    }

    private void write(byte kind, MessageLite request, Reply reply) {
        Channel to = channel;
        if (to == null) {
            reply.failed(new IOException(name + " is not connected"));
            return;
        }
        if (due.isEmpty()) {
            lastHeardNanos = nanoTime();
        }
        long call = nextCall++;
        ByteBuf frame;
        try {
            frame = Frame.encode(to.alloc(), kind, call, request);
        } catch (RuntimeException | OutOfMemoryError e) { // Netty's own memory has a limit
            reply.failed(new IOException("cannot send to " + name, e));
            return;
        }
        due.put(call, new Due(reply, frame.readableBytes()));
        addDueBytes(frame.readableBytes());
        to.write(frame, to.voidPromise());
        flushSoon();
    }

    /** One system call for all that this turn of the loop writes. */
    private void flushSoon() {
        if (!flushPending) {
            flushPending = true;
            loop.execute(this::flush);
        }
    }

    private void flush() {
        flushPending = false;
        Channel to = channel;
        if (to != null) {
            writeNotices(to);
            to.flush();
        }
    }

    private void writeNotices(Channel to) {
        if (notices.isEmpty()) {
            return;
        }
        byte[] body = CommitNotice.encode(notices);
        notices.clear();
        try {
            to.write(Frame.of(to.alloc(), Frame.COMMITS, Frame.NO_CALL, body), to.voidPromise());
        } catch (RuntimeException | OutOfMemoryError e) { // Netty's own memory has a limit; heartbeats will tell
            LOG.debug("commits not told link={}", name, e);
        }
    }

    private void connect() {
        if (state != State.DOWN) {
            return;
        }
        Optional<InetSocketAddress> to = address.get();
        if (to.isEmpty()) {
            lost(new IOException("no address known of " + name));
            return;
        }
        state = State.CONNECTING;
        target = to.get();
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(Sockets.client())
                .resolver(lookup)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        tls.addClient(made);
                        made.pipeline().addLast(new Answers());
                    }
                });
        ChannelFuture connecting = bootstrap.connect(to.get());
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                loop.schedule(() -> endIfSilent(connecting.channel()), CONNECT_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            } else {
                state = state == State.CLOSED ? State.CLOSED : State.DOWN;
                lost(new IOException(name + " at " + to.get() + " cannot be reached", done.cause()));
            }
        });
    }

    /** A stopped process still has its connections accepted, by its system. */
    @SuppressWarnings("ReferenceEquality") // this very connection
    private void endIfSilent(Channel made) {
        if (channel != made) {
            made.close();
        }
    }

    /** The first bytes of the peer have come, so it is one of ours. */
    private void up(Channel made) {
        if (state == State.CLOSED || hasMoved()) {
            made.close();
            return;
        }
        state = State.UP;
        channel = made;
        retryMs = RETRY_FIRST_MS;
        lastHeardNanos = nanoTime();
        LOG.debug("raft link up link={} address={}", name, made.remoteAddress());
        for (Outgoing outgoing = held.poll(); outgoing != null; outgoing = held.poll()) {
            write(outgoing.kind(), outgoing.message(), outgoing.reply());
        }
        watchSilence(made);
        List.copyOf(users).forEach(User::onRoom);
    }

    private void watchSilence(Channel watched) {
        loop.schedule(
                () -> {
                    if (watched.isActive()) {
                        if (!due.isEmpty() && silentMs() > silenceMaxMs) {
                            LOG.info("raft link let go, no answer link={} silentMs={}", name, silentMs());
                            watched.close();
                        } else {
                            watchSilence(watched);
                        }
                    }
                },
                Math.max(1, silenceMaxMs / 5),
                TimeUnit.MILLISECONDS);
    }

    /** There is no connection: who waits is told, and it is tried again where somebody stays. */
    private void lost(IOException cause) {
        channel = null;
        takesCommits = false;
        appended = false;
        notices.clear();
        List<Reply> waiting = new ArrayList<>();
        due.values().forEach(answer -> waiting.add(answer.reply()));
        due.clear();
        dueBytes = 0;
        held.forEach(outgoing -> waiting.add(outgoing.reply()));
        held.clear();
        waiting.forEach(reply -> reply.failed(cause));
        if (state == State.DOWN && !users.isEmpty() && !retryPending) {
            retryPending = true;
            loop.schedule(
                    () -> {
                        retryPending = false;
                        connect();
                    },
                    retryMs,
                    TimeUnit.MILLISECONDS);
            retryMs = Math.min(RETRY_MAX_MS, 2 * retryMs);
        }
    }

    /** A peer that merely stood still answers within moments. */
    void renewWhereStuck() {
        loop.schedule(
                () -> {
                    Channel now = channel;
                    if (now != null && !due.isEmpty() && silentMs() > STUCK_MS) {
                        LOG.info("raft link made anew link={} silentMs={}", name, silentMs());
                        now.close();
                    }
                },
                ANSWER_WAIT_MS,
                TimeUnit.MILLISECONDS);
    }

    private long silentMs() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime() - lastHeardNanos);
    }

    /** The peer may listen elsewhere now. */
    void addressChanged() {
        loop.execute(() -> {
            Channel now = channel;
            if (now != null && hasMoved()) {
                now.close();
            }
        });
    }

    /** Another peer may listen by now where this one did. */
    private boolean hasMoved() {
        Optional<InetSocketAddress> to = address.get();
        return to.isPresent() && !to.get().equals(target);
    }

    void close() {
        loop.execute(() -> {
            state = State.CLOSED;
            users.clear();
            Channel now = channel;
            lost(new IOException(name + " is closed"));
            if (now != null) {
                now.close();
            }
        });
    }

    private final class Answers extends FrameReader {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Frame.hello());
        }

        @Override
        void onHello(ChannelHandlerContext context) {
            up(context.channel());
        }

        @Override
        void onFrame(byte kind, long call, byte[] body) {
            lastHeardNanos = nanoTime();
            if (kind == Frame.FEATURES) {
                takesCommits = Frame.takesCommits(body);
                return;
            }
            Due answered = due.remove(call);
            if (answered == null) {
                return;
            }
            boolean full = dueBytes >= DUE_BYTES_MAX;
            addDueBytes(-answered.bytes());
            Reply reply = answered.reply();
            if (kind == Frame.ANSWER) {
                reply.answered(body);
            } else {
                reply.failed(new IOException(name + " refused: " + Frame.reason(body)));
            }
            if (full && hasRoom()) {
                List.copyOf(users).forEach(User::onRoom);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                List.copyOf(users).forEach(User::onRoom);
            }
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // this very connection
        public void channelInactive(ChannelHandlerContext context) {
            if (state != State.CLOSED && (channel == null || channel == context.channel())) {
                state = State.DOWN;
                lost(new IOException("connection to " + name + " was lost"));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("raft link broken link={}", name, cause);
            context.close();
        }
    }
}
