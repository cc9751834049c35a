package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.GroupId;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UpdaterSignalTest {

    private static final Duration INTERVAL = Duration.ofSeconds(3);

    private final UpdaterSignal signal = new UpdaterSignal("test");

    @Test
    void shouldKeepASignalThatNobodyWaitedForYet() throws Exception {
        signal.signal();
        signal.signal();
        assertThat(signal.await(1, TimeUnit.HOURS)).isTrue();
        assertThat(signal.await(1, TimeUnit.NANOSECONDS)).as("it was taken").isFalse();
        signal.signal();
        signal.await();
    }

    @Test
    void shouldWakeWhoWaits() throws Exception {
        CompletableFuture<Boolean> woken = CompletableFuture.supplyAsync(() -> {
            try {
                return signal.await(1, TimeUnit.HOURS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        signal.signal();
        assertThat(woken.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldLeaveTheThreadsOfIdleGroupsAsleep(@TempDir Path directory) throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));
            long[] seen = {waits(group)};
            await().pollDelay(INTERVAL)
                    .pollInterval(INTERVAL)
                    .atMost(INTERVAL.multipliedBy(20))
                    .until(() -> {
                        long before = seen[0];
                        seen[0] = waits(group);
                        return seen[0] - before <= 3; // Ratis alone looks thirty times
                    });
            cluster.write(group, "b");
            cluster.awaitWords(group, List.of("a", "b"));
        }
    }

    private static long waits(GroupId group) {
        String suffix = group.value().toString().substring(24) + "-StateMachineUpdater";
        ThreadInfo[] threads = ManagementFactory.getThreadMXBean().dumpAllThreads(false, false);
        List<Long> waits = Arrays.stream(threads)
                .filter(t -> t.getThreadName().toLowerCase(Locale.ROOT).endsWith(suffix.toLowerCase(Locale.ROOT)))
                .map(ThreadInfo::getWaitedCount)
                .toList();
        assertThat(waits).isNotEmpty();
        return waits.stream().mapToLong(Long::longValue).sum();
    }
}
