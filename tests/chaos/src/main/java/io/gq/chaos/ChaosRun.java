package io.gq.chaos;

import io.gq.it.cluster.BrokerProcess;
import io.gq.it.load.FinalRead;
import io.gq.it.load.Load;
import io.gq.testing.history.HistoryChecker;
import io.gq.testing.history.HistoryConfig;
import io.gq.testing.history.HistoryReport;
import io.gq.testing.history.HistoryReport.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A cluster of its own, a load on it, a schedule of faults; then everything is healed, drained, read and judged. */
final class ChaosRun {

    private static final String TOPIC = "chaos";
    private static final Duration WHOLE = Duration.ofSeconds(90);
    private static final Duration EQUAL = Duration.ofSeconds(90);
    private static final Duration AFTERWARDS = Duration.ofSeconds(2);
    private static final double ACKNOWLEDGED_SHARE = 0.05;
    private static final int OUTAGES_TOLD = 3;

    private final ChaosPlan plan;
    private final PrintStream out;
    private final List<String> troubles = new ArrayList<>();

    ChaosRun(ChaosPlan plan, PrintStream out) {
        this.plan = plan;
        this.out = out;
    }

    /**
     * What goes wrong once the testbed stands is a trouble of the report, which then proves nothing.
     *
     * @throws RuntimeException where the testbed cannot be made
     */
    ChaosReport run() throws InterruptedException {
        Testbed testbed = Testbed.make(plan.dir(), plan.portOffset(), plan.loopback());
        Evidence evidence;
        try {
            evidence = gather(testbed);
            tell(report(evidence));
        } finally {
            takeAway(testbed);
        }
        return report(evidence);
    }

    private record Evidence(
            String network,
            @Nullable Nemesis nemesis,
            @Nullable HistoryReport history) {}

    private Evidence gather(Testbed testbed) throws InterruptedException {
        testbed.missing().forEach((need, why) -> out.println("note: " + why));
        String network = testbed.missing().containsKey(Need.NETWORK) ? "loopback" : "namespaces";
        out.println("network: " + network + ", data: " + plan.dir());
        Nemesis nemesis = null;
        HistoryReport history = null;
        try {
            testbed.cluster().startAll();
            Victims victims = new Victims(testbed, TOPIC);
            nemesis = new Nemesis(testbed::unavailable, new Faults(testbed, victims)::of, out);
            history = judge(testbed, nemesis);
        } catch (RuntimeException | AssertionError e) {
            trouble(String.valueOf(e.getMessage()));
        }
        return new Evidence(network, nemesis, history);
    }

    private void tell(ChaosReport report) {
        report.outages().stream()
                .limit(OUTAGES_TOLD)
                .forEach(outage -> out.printf(
                        "longest without an acknowledgement: %s, %.1f s from %.1f s on%n",
                        outage.partition(),
                        outage.length().toMillis() / 1000.0,
                        outage.at().toMillis() / 1000.0));
        if (report.verdict() != Verdict.PASSED) {
            Testbed.keepData();
            out.println("data kept in " + plan.dir());
        }
    }

    private void takeAway(Testbed testbed) {
        try {
            testbed.close();
        } catch (RuntimeException | AssertionError e) {
            trouble("not all of the testbed could be taken away: " + e.getMessage());
        }
    }

    private ChaosReport report(Evidence evidence) {
        Nemesis nemesis = evidence.nemesis();
        HistoryReport history = evidence.history();
        List<Injection> injections = nemesis == null ? List.of() : nemesis.injections();
        List<String> all = new ArrayList<>(troubles);
        if (nemesis != null) {
            all.addAll(nemesis.troubles());
        }
        return new ChaosReport(
                plan.schedule().seed(),
                evidence.network(),
                plan.kinds(),
                injections,
                UnderFault.of(injections),
                history,
                history == null || nemesis == null ? List.of() : Outage.of(history, nemesis.beganNs()),
                all);
    }

    private HistoryReport judge(Testbed testbed, Nemesis nemesis) throws InterruptedException {
        try (Load load = Load.start(testbed.cluster(), TOPIC, plan.partitions(), Map.of(), plan.recordsPerS())) {
            if (plan.skipSyncs()) {
                testbed.stopSyncing();
            }
            nemesis.run(plan.schedule(), plan.injectUntil());
            comeBack(testbed);
            Pause.of(AFTERWARDS); // a healthy cluster acknowledges: what still hangs shows
            load.stop();
            out.println("drained: " + load.acknowledged() + " acknowledged");
            load.readErrors().forEach(error -> trouble("consumer ended: " + error));
            try {
                load.topics().awaitReplicasEqual(TOPIC, EQUAL);
            } catch (RuntimeException e) { // Awaitility's
                trouble("replicas not equal: " + e.getMessage());
            }
            try {
                new FinalRead(testbed.cluster(), TOPIC, plan.partitions(), load.recorder()).run();
            } catch (RuntimeException e) {
                trouble("final read: " + e.getMessage());
            }
            double seconds = plan.schedule().end().toMillis() / 1000.0;
            HistoryReport report = new HistoryChecker(HistoryConfig.strict()
                            .withAcknowledgedMin((int) (seconds * plan.recordsPerS() * ACKNOWLEDGED_SHARE)))
                    .check(load.recorder().history());
            if (report.verdict() != Verdict.PASSED) {
                keepHistory(load);
            }
            return report;
        }
    }

    /** Brokers that ended are started, as their operator would; those that do not get whole by themselves are too, and it is said. */
    private void comeBack(Testbed testbed) {
        if (!testbed.missing().containsKey(Need.NETWORK)) {
            testbed.network().heal();
        }
        Recovery recovery = new Recovery(testbed);
        List<Integer> ended = recovery.startDead();
        if (!ended.isEmpty()) {
            out.println("brokers that had ended and were started: " + ended);
        }
        if (recovery.awaitWhole(WHOLE)) {
            return;
        }
        trouble("not whole " + WHOLE.toSeconds() + " s after the last fault, restarted: " + recovery.reasons());
        for (BrokerProcess broker : testbed.cluster().brokers()) {
            if (!broker.alive() || !broker.ready()) {
                if (broker.alive()) {
                    broker.kill();
                }
                broker.start();
            }
        }
        if (!recovery.awaitWhole(WHOLE)) {
            trouble("not whole after a restart either: " + recovery.reasons());
        }
    }

    private void keepHistory(Load load) {
        var history = load.recorder().history();
        List<String> lines = new ArrayList<>();
        history.appends().forEach(append -> lines.add(append.toString()));
        history.reads().forEach(read -> lines.add(read.toString()));
        history.ends().forEach(end -> lines.add(end.toString()));
        history.dumps().forEach(dump -> lines.add(dump.toString()));
        try {
            Files.write(plan.dir().resolve("history.txt"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void trouble(@Nullable String what) {
        troubles.add(String.valueOf(what));
        out.println("TROUBLE " + what);
    }
}
