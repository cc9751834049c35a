package io.gq.raft;

import io.gq.core.io.SyncGate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;
import org.apache.ratis.server.metrics.SegmentedRaftLogMetrics;
import org.apache.ratis.util.UncheckedAutoCloseable;

/**
 * Keeps none of Ratis' metrics: its own keep reservoirs for each group, about a megabyte for an active one. Found by ServiceLoader, one
 * for the process. The timer with which Ratis brackets a sync that a log waits for is where those syncs pass the process's gate.
 */
public final class NoMetrics extends MetricRegistries {

    private static final LongCounter COUNTER = new LongCounter() {
        @Override
        public void inc(long n) {}

        @Override
        public void dec(long n) {}

        @Override
        public long getCount() {
            return 0;
        }
    };
    private static final Timekeeper.Context CONTEXT = () -> 0;
    private static final Timekeeper TIMER = () -> CONTEXT;

    private static volatile Optional<SyncGate> syncs = Optional.empty();

    /** From now on syncs of the logs of all Raft servers in this process pass the gate. */
    public static void gateSyncs(SyncGate gate) {
        syncs = Optional.of(gate);
    }

    /**
     * Ratis brackets a sync that its log waits for by this as a resource. Where nobody waits for it (unsafe flush) it starts and stops the
     * timer by hand, on two threads: such a sync does not pass.
     */
    private static final Timekeeper.Context SYNC_CONTEXT = new Timekeeper.Context() {
        @Override
        public long stop() {
            return 0;
        }

        @Override
        public UncheckedAutoCloseable toAutoCloseable() {
            Optional<SyncGate> gate = syncs;
            if (gate.isEmpty()) {
                return Timekeeper.NOOP;
            }
            goFirst(Thread.currentThread());
            gate.get().enter();
            return gate.get()::leave;
        }
    };

    private static final Timekeeper SYNC_TIMER = () -> SYNC_CONTEXT;

    /**
     * A log's worker sleeps and wakes several times for one sync, and all others wait for it meanwhile: on a busy machine that time is
     * what bounds syncs a second. Whether the priority counts is up to the system and the launcher.
     */
    @SuppressWarnings("ThreadPriorityCheck") // a help, nothing relies on it
    private static void goFirst(Thread worker) {
        if (worker.getPriority() < Thread.MAX_PRIORITY) {
            worker.setPriority(Thread.MAX_PRIORITY);
        }
    }

    @Override
    public RatisMetricRegistry create(MetricRegistryInfo info) {
        return new Registry(info);
    }

    @Override
    public boolean remove(MetricRegistryInfo key) {
        return true;
    }

    @Override
    public Optional<RatisMetricRegistry> get(MetricRegistryInfo info) {
        return Optional.of(create(info));
    }

    @Override
    public Set<MetricRegistryInfo> getMetricRegistryInfos() {
        return Set.of();
    }

    @Override
    public Collection<RatisMetricRegistry> getMetricRegistries() {
        return List.of();
    }

    @Override
    public void addReporterRegistration(
            Consumer<RatisMetricRegistry> reporterRegistration, Consumer<RatisMetricRegistry> stopReporter) {}

    @Override
    public void clear() {}

    @Override
    public void enableJmxReporter() {}

    @Override
    public void enableConsoleReporter(org.apache.ratis.util.TimeDuration consoleReportRate) {}

    private record Registry(MetricRegistryInfo info) implements RatisMetricRegistry {
        @Override
        public Timekeeper timer(String name) {
            return name.equals(SegmentedRaftLogMetrics.RAFT_LOG_SYNC_TIME) ? SYNC_TIMER : TIMER;
        }

        @Override
        public LongCounter counter(String name) {
            return COUNTER;
        }

        @Override
        public boolean remove(String name) {
            return true;
        }

        @Override
        public <T> void gauge(String name, Supplier<Supplier<T>> gaugeSupplier) {}

        @Override
        public MetricRegistryInfo getMetricRegistryInfo() {
            return info;
        }
    }
}
