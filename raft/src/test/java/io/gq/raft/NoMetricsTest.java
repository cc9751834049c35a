package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.io.SyncGate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;
import org.apache.ratis.server.metrics.SegmentedRaftLogMetrics;
import org.apache.ratis.util.UncheckedAutoCloseable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NoMetricsTest {

    private final RatisMetricRegistry registry = new NoMetrics().create(new MetricRegistryInfo("p", "a", "c", "d"));

    @Test
    @Timeout(20)
    void shouldLetOneLogSyncAfterTheOtherThroughAGateForOne() throws Exception {
        NoMetrics.gateSyncs(new SyncGate(1));
        try {
            UncheckedAutoCloseable first = Timekeeper.start(syncTimer());
            CompletableFuture<Void> second = CompletableFuture.runAsync(
                    () -> Timekeeper.start(syncTimer()).close());
            Timekeeper.start(registry.timer("another")).close();
            assertThatThrownBy(() -> second.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            first.close();
            second.get(10, TimeUnit.SECONDS);
        } finally {
            NoMetrics.gateSyncs(new SyncGate(Integer.MAX_VALUE));
        }
    }

    @Test
    @Timeout(20)
    void shouldHoldNothingOfTheGateWhereTheTimerIsStoppedByHand() {
        NoMetrics.gateSyncs(new SyncGate(1));
        try {
            syncTimer().time(); // never stopped
            Timekeeper.Context second = syncTimer().time();
            assertThat(second.stop()).isZero();
            Timekeeper.start(syncTimer()).close();
        } finally {
            NoMetrics.gateSyncs(new SyncGate(Integer.MAX_VALUE));
        }
    }

    private Timekeeper syncTimer() {
        return registry.timer(SegmentedRaftLogMetrics.RAFT_LOG_SYNC_TIME);
    }
}
