package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.io.SyncGate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;
import org.apache.ratis.server.metrics.SegmentedRaftLogMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NoMetricsTest {

    private final RatisMetricRegistry registry = new NoMetrics().create(new MetricRegistryInfo("p", "a", "c", "d"));

    @Test
    @Timeout(20)
    void shouldLetOneLogSyncAfterTheOtherThroughAGateForOne() throws Exception {
        NoMetrics.gateSyncs(new SyncGate(1));
        try {
            Timekeeper.Context first =
                    registry.timer(SegmentedRaftLogMetrics.RAFT_LOG_SYNC_TIME).time();
            CompletableFuture<Long> second =
                    CompletableFuture.supplyAsync(() -> registry.timer(SegmentedRaftLogMetrics.RAFT_LOG_SYNC_TIME)
                            .time()
                            .stop());
            registry.timer("another").time().stop();
            assertThat(second).isNotDone();
            first.stop();
            assertThat(second.get(10, TimeUnit.SECONDS)).isZero();
        } finally {
            NoMetrics.gateSyncs(new SyncGate(Integer.MAX_VALUE));
        }
    }
}
