package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.GroupId;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.ratis.util.AwaitForSignal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class LogCacheEvictionTest {

    private final AwaitForSignal signal = new AwaitForSignal("test");
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
    private final AtomicInteger evictions = new AtomicInteger();

    @Test
    void shouldEndWhileWhoClosesTheLogHoldsItsLock() throws Exception {
        Thread evicting =
                new Thread(new LogCacheEviction(signal, lock.writeLock(), () -> true, evictions::incrementAndGet));
        evicting.start();
        await().until(() -> evicting.getState() == Thread.State.WAITING);
        lock.writeLock().lock();
        try {
            signal.signal();
            await().until(lock::hasQueuedThreads);
            evicting.interrupt();
            evicting.join(); // as Ratis' log does when it is closed
        } finally {
            lock.writeLock().unlock();
        }
        assertThat(evictions).hasValue(0);
    }

    @Test
    void shouldEvictAgainAfterAFailure() throws Exception {
        Thread evicting = new Thread(new LogCacheEviction(signal, lock.writeLock(), () -> true, () -> {
            if (evictions.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
            }
        }));
        evicting.start();
        await().until(() -> {
            signal.signal();
            return evictions.get() > 1;
        });
        evicting.interrupt();
        evicting.join();
        assertThat(lock.isWriteLocked()).isFalse();
    }

    @Test
    void shouldTakeThePlaceOfRatisOwn(@TempDir Path directory) throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            assertThat(threads(group)).singleElement().asString().endsWith("-of-gq");
            cluster.host(1).raft.close(group);
            assertThat(threads(group)).isEmpty();
        }
    }

    private static List<String> threads(GroupId group) {
        String part = group.value().toString().substring(24).toUpperCase(Locale.ROOT) + "-cacheEviction";
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains(part))
                .toList();
    }
}
