package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.GroupId;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class LogCacheEvictionTest {

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
    private final AtomicBoolean tooLarge = new AtomicBoolean(true);
    private final AtomicInteger evictions = new AtomicInteger();
    private final Queue<Runnable> pool = new ArrayDeque<>();

    private LogCacheEviction eviction(Runnable evict) {
        return new LogCacheEviction("log", lock.writeLock(), tooLarge::get, evict, pool::add);
    }

    @Test
    void shouldCloseWhileItWaitsForTheLock() throws Exception {
        LogCacheEviction eviction = eviction(evictions::incrementAndGet);
        eviction.signal();
        Thread evicting = new Thread(pool.remove());
        lock.writeLock().lock();
        try {
            evicting.start();
            await().until(lock::hasQueuedThreads);
            eviction.close(); // as Ratis' log does, under its lock
        } finally {
            lock.writeLock().unlock();
        }
        evicting.join();
        assertThat(evictions).hasValue(0);
        eviction.signal();
        assertThat(pool).isEmpty();
    }

    @Test
    void shouldAskForAThreadOnceAndOnlyWhereThereIsSomethingToForget() {
        LogCacheEviction eviction = eviction(evictions::incrementAndGet);
        tooLarge.set(false);
        eviction.signal();
        assertThat(pool).isEmpty();
        tooLarge.set(true);
        eviction.signal();
        eviction.signal();
        assertThat(pool).hasSize(1);
        pool.remove().run();
        assertThat(evictions).hasValue(1);
        eviction.signal();
        assertThat(pool).hasSize(1);
    }

    @Test
    void shouldEvictAgainAfterAFailure() {
        LogCacheEviction eviction = eviction(() -> {
            if (evictions.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
            }
        });
        for (int i = 0; i < 2; i++) {
            eviction.signal();
            pool.remove().run();
        }
        assertThat(evictions).hasValue(2);
        assertThat(lock.isWriteLocked()).isFalse();
    }

    @Test
    void shouldTakeThePlaceOfRatisOwn(@TempDir Path directory) throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            assertThat(threads(group, "-cacheEviction")).isEmpty();
            assertThat(threads(group, "-StateMachineUpdater")).hasSize(1);
            cluster.host(1).raft.close(group);
            await().until(() -> threads(group, "").isEmpty());
        }
    }

    private static List<String> threads(GroupId group, String kind) {
        String part = group.value().toString().substring(24).toUpperCase(Locale.ROOT) + kind;
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains(part))
                .toList();
    }
}
