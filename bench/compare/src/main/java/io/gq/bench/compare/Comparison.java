package io.gq.bench.compare;

import io.gq.bench.compare.Trial.Scale;
import io.gq.bench.compare.Trial.Shape;
import io.gq.bench.load.Driver;
import io.gq.bench.load.LoadResult;
import io.gq.bench.load.LoadWatcher;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs the trials of some rows pair by pair: one cluster is started, warmed, measured and stopped, then the other, and over again.
 * The two never run at the same time.
 */
final class Comparison {

    private static final int PARTITIONS = 6;
    private static final int REPLICAS = 3;

    private final Cluster gq;
    private final Cluster peer;
    private final List<Row> rows;
    private final Duration clusterWarmUp;
    private final Scale scale;
    private final PrintStream log;
    private int topics;
    private boolean cancelled;

    /** @param clusterWarmUp load on a cluster just started, before its first trial */
    Comparison(Cluster gq, Cluster peer, List<Row> rows, Duration clusterWarmUp, Scale scale, PrintStream log) {
        this.gq = gq;
        this.peer = peer;
        this.rows = rows;
        this.clusterWarmUp = clusterWarmUp;
        this.scale = scale;
        this.log = log;
    }

    /** A trial that ran, or the reason why it did not. */
    private record Attempt(Optional<Measured> measured, String reason) {}

    List<RowResult> run(int pairs) {
        List<Map<Trial, Attempt>> ofGq = new ArrayList<>();
        List<Map<Trial, Attempt>> ofPeer = new ArrayList<>();
        for (int pair = 1; pair <= pairs; pair++) {
            ofGq.add(measure(gq, rows.stream().map(Row::gq), pair));
            ofPeer.add(measure(peer, rows.stream().map(Row::peer), pair));
        }
        return rows.stream().map(row -> result(row, ofGq, ofPeer)).toList();
    }

    private static RowResult result(Row row, List<Map<Trial, Attempt>> ofGq, List<Map<Trial, Attempt>> ofPeer) {
        List<RowResult.Pair> pairs = new ArrayList<>();
        Optional<String> reason = Optional.empty();
        for (int i = 0; i < ofGq.size(); i++) {
            Attempt a = ofGq.get(i).get(row.gq());
            Attempt b = ofPeer.get(i).get(row.peer());
            if (a != null && b != null && a.measured.isPresent() && b.measured.isPresent()) {
                pairs.add(RowResult.Pair.of(
                        row,
                        row.figure().applyAsDouble(a.measured.get()),
                        row.figure().applyAsDouble(b.measured.get())));
            } else {
                reason = Stream.of(a, b)
                        .filter(attempt -> attempt != null && attempt.measured.isEmpty())
                        .map(Attempt::reason)
                        .findFirst();
            }
        }
        return new RowResult(row, pairs, reason);
    }

    private Map<Trial, Attempt> measure(Cluster cluster, Stream<Trial> wanted, int pair) {
        Map<Trial, Attempt> attempts = new LinkedHashMap<>();
        say("pair " + pair + ", " + cluster.name() + ": starting");
        try {
            start(cluster);
            try (Driver driver = cluster.connect()) {
                warmUp(cluster, driver);
                for (Trial trial : wanted.distinct().toList()) {
                    attempts.put(trial, attempt(cluster, driver, trial));
                }
            }
        } finally {
            stop(cluster);
        }
        return attempts;
    }

    private synchronized void start(Cluster cluster) {
        if (cancelled) {
            throw new CompareFailure("interrupted");
        }
        cluster.start();
    }

    private synchronized void stop(Cluster cluster) {
        cluster.stop();
    }

    /** Stops what runs and starts nothing more; from any thread. {@link #run} fails then. */
    synchronized void cancel() {
        cancelled = true;
        gq.stop();
        peer.stop();
    }

    private void warmUp(Cluster cluster, Driver driver) {
        if (clusterWarmUp.isZero()) {
            return;
        }
        Scale once = new Scale(Duration.ZERO, clusterWarmUp, scale.consumeBytes());
        Attempt warm = attempt(cluster, driver, new Trial(Shape.PRODUCE_1K_64K, Map.of()), once, "warm-up");
        if (warm.measured.isEmpty()) {
            throw new CompareFailure(cluster.name() + ": " + warm.reason);
        }
    }

    private Attempt attempt(Cluster cluster, Driver driver, Trial trial) {
        return attempt(cluster, driver, trial, scale, "measured");
    }

    private Attempt attempt(Cluster cluster, Driver driver, Trial trial, Scale howLong, String what) {
        settle();
        String topic = "compare-" + ++topics;
        try {
            driver.createTopic(topic, PARTITIONS, REPLICAS, trial.topicConfig());
        } catch (RuntimeException e) {
            return refused(cluster, trial, cluster.name() + " refused the topic: " + e.getMessage());
        }
        try {
            CpuWatch cpu = new CpuWatch(cluster.pids());
            LoadResult load = trial.run(driver, topic, howLong, cpu);
            Measured measured = new Measured(load, cpu.seconds());
            say(line(cluster, trial, what, measured));
            return new Attempt(Optional.of(measured), "");
        } catch (RuntimeException e) {
            return refused(cluster, trial, cluster.name() + ": " + e.getMessage());
        } finally {
            delete(driver, topic);
        }
    }

    private Attempt refused(Cluster cluster, Trial trial, String reason) {
        say("  " + cluster.name() + " " + name(trial) + " not run: " + reason);
        return new Attempt(Optional.empty(), reason);
    }

    private void delete(Driver driver, String topic) {
        try {
            driver.deleteTopic(topic);
        } catch (RuntimeException e) {
            say("  topic " + topic + " stays: " + e.getMessage());
        }
    }

    private static String line(Cluster cluster, Trial trial, String what, Measured m) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "  %s %s %s: %.1f MB/s, %.0f records/s, %.2f broker CPU, %.1f MB/broker-CPU-s",
                cluster.name(),
                name(trial),
                what,
                m.megabytesPerSecond(),
                m.recordsPerSecond(),
                m.brokerCpuSeconds() / m.load().seconds(),
                m.megabytesPerBrokerCpuSecond()));
        m.load()
                .publish()
                .ifPresent(p -> text.append(String.format(
                        Locale.ROOT, ", publish p50 %.2f p99 %.2f p99.9 %.2f ms", p.p50(), p.p99(), p.p999())));
        m.load()
                .endToEnd()
                .ifPresent(p -> text.append(String.format(
                        Locale.ROOT, ", e2e p50 %.2f p99 %.2f p99.9 %.2f ms", p.p50(), p.p99(), p.p999())));
        return text.toString();
    }

    private static String name(Trial trial) {
        String shape = trial.shape().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return trial.topicConfig().isEmpty() ? shape : shape + " " + trial.topicConfig();
    }

    /** What the one before left to be written to disk is written before the next begins. */
    private void settle() {
        try {
            boolean unused = new ProcessBuilder("sync").start().waitFor(1, TimeUnit.MINUTES);
        } catch (IOException e) {
            say("  sync: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompareFailure("interrupted", e);
        }
    }

    private void say(String line) {
        log.println(line);
    }

    /** Processor time of the brokers while the load was measured. */
    private static final class CpuWatch implements LoadWatcher {
        private final List<Long> pids;
        private double before;
        private double after;

        CpuWatch(List<Long> pids) {
            this.pids = pids;
        }

        @Override
        public void opened() {
            before = ProcStat.cpuSeconds(pids);
        }

        @Override
        public void closed() {
            after = ProcStat.cpuSeconds(pids);
        }

        double seconds() {
            return after - before;
        }
    }
}
