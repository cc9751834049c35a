package io.gq.raft.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The threads of all Raft servers of a process: event loops, which move bytes and call the logs directly, and small pools for what may
 * wait, one for each thing that may wait on another. Their threads end when they have nothing to do. Thread-safe.
 */
public final class IoThreads implements AutoCloseable {

    private static final int VOTE_THREADS = 8;
    private static final int WAITING_THREADS = 16;
    private static final int NOTICE_THREADS = 4;
    private static final int NAME_THREADS = 2;
    private static final int CATCH_UP_THREADS = 2;
    private static final int EVICTION_THREADS = 2;
    private static final long IDLE_S = 30;
    private static final long CLOSE_WAIT_S = 5;

    private final int lanes;
    private final EventLoopGroup loops;
    private final ThreadPoolExecutor votes;
    private final ThreadPoolExecutor waiting;
    private final ThreadPoolExecutor notices;
    private final ThreadPoolExecutor catchUp;
    private final ThreadPoolExecutor eviction;
    private final ThreadPoolExecutor names;
    private final NameLookup lookup;

    /**
     * @param lanes event loops, and connections to each peer; the groups are spread over them
     * @param prompt makes threads of a name that go before others: what is under way before what comes in
     * @param named makes threads of a name
     */
    public IoThreads(int lanes, Function<String, ThreadFactory> prompt, Function<String, ThreadFactory> named) {
        if (lanes < 1) {
            throw new IllegalArgumentException("lanes: " + lanes + " (expected: >= 1)");
        }
        this.lanes = lanes;
        this.loops = new MultiThreadIoEventLoopGroup(lanes, prompt.apply("gq-raft-io"), Sockets.handlers());
        this.votes = pool(VOTE_THREADS, prompt.apply("gq-raft-votes"));
        this.waiting = pool(WAITING_THREADS, prompt.apply("gq-raft-waiting"));
        this.notices = pool(NOTICE_THREADS, named.apply("gq-raft-notices"));
        this.names = pool(NAME_THREADS, named.apply("gq-raft-names"));
        this.lookup = new NameLookup(names);
        this.catchUp = pool(CATCH_UP_THREADS, named.apply("gq-raft-catch-up"));
        this.eviction = pool(EVICTION_THREADS, named.apply("gq-raft-eviction"));
    }

    private static ThreadPoolExecutor pool(int threads, ThreadFactory factory) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    int lanes() {
        return lanes;
    }

    EventLoopGroup loops() {
        return loops;
    }

    EventLoop next() {
        return loops.next();
    }

    /** Runs what syncs votes and terms. */
    ExecutorService votes() {
        return votes;
    }

    /** Runs appends that end an election or a leadership: Ratis waits until that has ended, under the group's lock. */
    ExecutorService waiting() {
        return waiting;
    }

    /** Runs notices to install a snapshot, each of which waits a little for its copy. */
    ExecutorService notices() {
        return notices;
    }

    NameLookup lookup() {
        return lookup;
    }

    /** Reads entries for followers that are far behind. */
    public ExecutorService catchUp() {
        return catchUp;
    }

    /** Cuts down caches of logs, each under the lock of its log. */
    public ExecutorService eviction() {
        return eviction;
    }

    /** Ends the threads; the servers were closed before. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, CLOSE_WAIT_S, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_WAIT_S, TimeUnit.SECONDS);
        List.of(votes, waiting, notices, catchUp, eviction, names).forEach(ThreadPoolExecutor::shutdown);
        lookup.close();
    }
}
