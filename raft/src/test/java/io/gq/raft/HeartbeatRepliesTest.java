package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class HeartbeatRepliesTest {

    private final ExecutorService pool = Executors.newSingleThreadExecutor();
    private final ReentrantReadWriteLock log = new ReentrantReadWriteLock();
    private final HeartbeatReplies replies = new HeartbeatReplies(pool, log);

    @AfterEach
    void end() {
        pool.shutdownNow();
    }

    @Test
    void shouldAnswerAHeartbeatWhereItWasRead() throws IOException {
        Thread answered = HeartbeatReplies.here(() ->
                CompletableFuture.supplyAsync(Thread::currentThread, replies).join());

        assertThat(answered).isSameAs(Thread.currentThread());
    }

    @Test
    void shouldAnswerAllElseInTheGroupsThread() throws IOException {
        assertThatThrownBy(() -> HeartbeatReplies.here(() -> {
                    throw new IOException("refused");
                }))
                .hasMessage("refused");

        Thread answered =
                CompletableFuture.supplyAsync(Thread::currentThread, replies).join();

        assertThat(answered).isNotSameAs(Thread.currentThread());
    }

    @Test
    void shouldNotWaitForWhoChangesTheLog() throws Exception {
        log.writeLock().lock();
        try {
            Thread answered = HeartbeatReplies.here(() -> CompletableFuture.supplyAsync(Thread::currentThread, replies)
                    .join());

            assertThat(answered).isNotSameAs(Thread.currentThread());
        } finally {
            log.writeLock().unlock();
        }
    }

    @Test
    void shouldRunNothingOnceItIsShutDown() {
        replies.shutdown();

        assertThatThrownBy(() -> HeartbeatReplies.here(() -> replies.submit(() -> {})))
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void shouldLeaveTheThreadsOfIdleFollowersAsleep(@TempDir Path directory) throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            TestCluster.Host leader = cluster.awaitLeader(group);
            TestCluster.Host follower = cluster.host(leader.id == 1 ? 2 : 1);
            ThreadPoolExecutor answering = pool(follower, group);
            long tasks = answering.getTaskCount();
            Set<Long> heard = new HashSet<>();
            await().pollInterval(Duration.ofMillis(20)).atMost(TestCluster.LONG).until(() -> {
                heard.add(follower.raft.lastAppendNanos(new NodeId(leader.id)).orElseThrow());
                return heard.size() > 10;
            });

            assertThat(answering.getTaskCount() - tasks)
                    .as("one that comes while the log is purged or cut down may be answered there")
                    .isLessThan(3);
            assertThat(cluster.awaitLeader(group)).isSameAs(leader);
        }
    }

    private static ThreadPoolExecutor pool(TestCluster.Host host, GroupId group) throws Exception {
        Object replies =
                RatisInternals.value(host.raft.hosted(group).orElseThrow().division(), "serverExecutor");
        return (ThreadPoolExecutor) RatisInternals.value(replies, "pool");
    }
}
