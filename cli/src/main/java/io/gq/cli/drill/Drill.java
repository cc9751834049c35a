package io.gq.cli.drill;

import io.gq.cli.drill.DrillVerdict.Row;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Carries the drill out: load, then for each trial kill, stop or pause the broker that leads a partition, wait until all partitions
 * it led acknowledge again, start it anew, wait until the cluster is healthy. At the end everything is read and judged.
 */
public final class Drill {

    /** Longer than a slow machine takes: how long it was is told, and the gaps do not depend on it. */
    private static final Duration HEALTHY_TIMEOUT = Duration.ofMinutes(5);

    private static final Duration TAKEOVER_TIMEOUT = Duration.ofSeconds(60);
    private static final long POLL_NS = Duration.ofMillis(20).toNanos();
    /** Of the cluster's health, which costs the brokers something. */
    private static final long HEALTH_POLL_NS = Duration.ofMillis(250).toNanos();
    /** Acknowledgements of a killed broker that were under way when it died are fewer than that, or than come in so long. */
    private static final int ACKS_OF_A_LEADER = 50;

    private static final int ACKS_OF_A_LEADER_S = 5;
    /** With fewer, no majority is left when one is killed. */
    private static final int REPLICAS_THAT_BEAR_A_LOSS = 3;

    private final DrillTarget target;
    private final Settings settings;
    private final PrintStream progress;
    private final DrillJournal journal;
    private final AckTimeline timeline;
    private final List<TrialResult> results = new ArrayList<>();

    /**
     * What to do.
     *
     * @param replicas of each partition; 0: three, or one a broker where there are fewer
     * @param pause how long a paused broker stands still
     * @param settle how long the load runs on a healthy cluster before each trial
     */
    public record Settings(
            String topic,
            int partitions,
            int replicas,
            int trials,
            int ratePerSecond,
            Fault fault,
            Duration pause,
            Duration settle) {

        /** Acknowledgements after which a partition is known to be led and written to. */
        int acksWanted() {
            long inThatTime = (long) ratePerSecond * ACKS_OF_A_LEADER_S / partitions;
            return (int) Math.max(1, Math.min(ACKS_OF_A_LEADER, inThatTime));
        }

        /** What a takeover may take, and the load needs for so many acknowledgements. */
        Duration acksTimeout() {
            return TAKEOVER_TIMEOUT.plusSeconds((long) acksWanted() * partitions / ratePerSecond);
        }

        /** In a cluster of so many brokers. */
        int replicasAmong(int brokers) {
            return replicas > 0 ? replicas : Math.min(REPLICAS_THAT_BEAR_A_LOSS, brokers);
        }
    }

    /** @param progress one line for each step */
    public Drill(DrillTarget target, Settings settings, PrintStream progress) {
        this.target = target;
        this.settings = settings;
        this.progress = progress;
        this.journal = new DrillJournal(settings.partitions());
        this.timeline = new AckTimeline(settings.partitions());
    }

    /** Once; the target is not closed. */
    public DrillReport run() throws DrillFailure {
        awaitHealthy();
        int replicas = settings.replicasAmong(target.brokers());
        target.createTopic(settings.topic(), settings.partitions(), replicas);
        try (DrillLoad load = new DrillLoad(target, settings.topic(), settings.ratePerSecond(), journal, timeline)) {
            load.start();
            awaitAcknowledgements("load under way", allPartitions(), System.nanoTime());
            for (int trial = 1; trial <= settings.trials(); trial++) {
                results.add(trial(trial, replicas));
            }
        }
        progress.println("reading everything back");
        return new DrillReport(settings.fault(), results, journal, readAll());
    }

    private Map<Integer, List<Row>> readAll() throws DrillFailure {
        Map<Integer, List<Row>> rows = new TreeMap<>();
        allPartitions().forEach(partition -> rows.put(partition, new ArrayList<>()));
        target.readAll(
                settings.topic(),
                (partition, offset, value) -> rows.get(partition).add(new Row(offset, DrillLoad.decode(value))));
        return rows;
    }

    /** Deletes the drill's topic. */
    public void cleanUp() {
        target.deleteTopic(settings.topic());
    }

    private TrialResult trial(int trial, int replicas) throws DrillFailure {
        settle();
        Map<Integer, Integer> leaders = target.leaders(settings.topic());
        int wanted = (trial - 1) % settings.partitions();
        int victim = leaders.getOrDefault(wanted, 0);
        List<Integer> led = leaders.entrySet().stream()
                .filter(entry -> entry.getValue() == victim)
                .map(Map.Entry::getKey)
                .toList();
        ProcessHandle process = target.process(victim)
                .orElseThrow(() -> new DrillFailure("node " + victim + ", leader of " + settings.topic() + "-" + wanted
                        + ": its process is not known (expected: one that this machine runs)"));
        long firstValue = journal.next();
        long beginNs = System.nanoTime();
        settings.fault().begin(process);
        long firstValueWithout = journal.next();
        settings.fault().end(process, settings.pause());
        if (settings.fault().ends() && replicas < REPLICAS_THAT_BEAR_A_LOSS) {
            target.startBrokers(); // nobody else can lead
        }
        long endNs = System.nanoTime();
        awaitAcknowledgements("partitions " + led + " led again", led, endNs);
        long backNs = System.nanoTime();
        Map<Integer, Long> gaps = new TreeMap<>();
        long lastNs = beginNs;
        for (int partition : led) {
            gaps.put(
                    partition,
                    TimeUnit.NANOSECONDS.toMillis(
                            timeline.longestGap(partition, beginNs, backNs).ns()));
            lastNs = Math.max(lastNs, takenOverNs(partition, beginNs, firstValueWithout, backNs));
        }
        progress.println("trial " + trial + ": " + settings.fault().done() + " node " + victim
                + ", gap in ms by partition " + gaps);
        if (settings.fault().ends()) {
            target.startBrokers();
        }
        awaitHealthy();
        progress.println("trial " + trial + ": cluster healthy again after "
                + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beginNs) + " s");
        awaitAcknowledgements("load under way again", allPartitions(), System.nanoTime());
        return new TrialResult(
                trial, victim, gaps, TimeUnit.NANOSECONDS.toMillis(lastNs - beginNs), firstValue, journal.next());
    }

    /**
     * When the partition's next leader first acknowledged something: where the longest silence ended of those before a record was
     * acknowledged that the broker cannot have seen any more. A later one has another cause, or is the time between two records.
     */
    private long takenOverNs(int partition, long beginNs, long firstValueWithout, long endNs) {
        long surelyNs = timeline.firstSince(partition, firstValueWithout).orElse(endNs);
        return timeline.longestGap(partition, beginNs, surelyNs).toNs();
    }

    /** Brokers that have just started are slow until their code is compiled. */
    private void settle() throws DrillFailure {
        long endNs = System.nanoTime() + settings.settle().toNanos();
        await(
                "load under way for " + settings.settle(),
                settings.settle().plus(HEALTHY_TIMEOUT),
                () -> System.nanoTime() - endNs >= 0);
    }

    private List<Integer> allPartitions() {
        return IntStream.range(0, settings.partitions()).boxed().toList();
    }

    private void awaitAcknowledgements(String what, List<Integer> partitions, long afterNs) throws DrillFailure {
        await(
                what,
                settings.acksTimeout(),
                () -> partitions.stream()
                        .allMatch(partition -> timeline.countAfter(partition, afterNs) >= settings.acksWanted()));
    }

    private void awaitHealthy() throws DrillFailure {
        await("cluster healthy", HEALTHY_TIMEOUT, HEALTH_POLL_NS, target::healthy);
    }

    private static void await(String what, Duration timeout, BooleanSupplier condition) throws DrillFailure {
        await(what, timeout, POLL_NS, condition);
    }

    private static void await(String what, Duration timeout, long pollNs, BooleanSupplier condition)
            throws DrillFailure {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new DrillFailure(what + ": not within " + timeout);
            }
            LockSupport.parkNanos(pollNs);
        }
    }
}
