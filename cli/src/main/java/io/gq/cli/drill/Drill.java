package io.gq.cli.drill;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.admin.Admin;
import io.gq.client.admin.NewTopic;
import io.gq.client.admin.PartitionDescription;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Carries the drill out: load, then for each trial kill, stop or pause the broker that leads a partition, wait until all partitions
 * it led acknowledge again, start it anew, wait until the cluster is healthy. At the end everything is read and judged.
 */
final class Drill {

    private static final Duration HEALTHY_TIMEOUT = Duration.ofSeconds(90);
    private static final Duration TAKEOVER_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);
    private static final long POLL_NS = Duration.ofMillis(20).toNanos();
    /** Acknowledgements of a killed broker that were under way when it died are fewer than that, or than come in so long. */
    private static final int ACKS_OF_A_LEADER = 50;

    private static final int ACKS_OF_A_LEADER_S = 5;
    /** With fewer, no majority is left when one is killed. */
    private static final int REPLICAS_THAT_BEAR_A_LOSS = 3;

    private final Settings settings;
    private final PrintStream progress;
    private final BrokerPids pids;
    private final DrillJournal journal;
    private final AckTimeline timeline;
    private final List<TrialResult> results = new ArrayList<>();

    /**
     * What to do.
     *
     * @param replicas of each partition; 0: three, or one a broker where there are fewer
     * @param pause how long a paused broker stands still
     * @param settle how long the load runs on a healthy cluster before each trial
     * @param startCommand starts the brokers that do not run and returns when all are healthy
     */
    record Settings(
            Supplier<GqClient> clients,
            Path dir,
            String topic,
            int partitions,
            int replicas,
            int trials,
            int ratePerSecond,
            Fault fault,
            Duration pause,
            Duration settle,
            List<String> startCommand) {
        Settings {
            startCommand = List.copyOf(startCommand);
        }

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
    Drill(Settings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
        this.pids = new BrokerPids(settings.dir());
        this.journal = new DrillJournal(settings.partitions());
        this.timeline = new AckTimeline(settings.partitions());
    }

    DrillReport run() throws DrillFailure {
        try (GqClient client = settings.clients().get()) {
            Admin admin = client.admin();
            awaitHealthy(admin);
            int replicas =
                    settings.replicasAmong(admin.describeCluster().brokers().size());
            admin.createTopic(NewTopic.of(settings.topic(), settings.partitions(), replicas));
            try (DrillLoad load =
                    new DrillLoad(client, settings.topic(), settings.ratePerSecond(), journal, timeline)) {
                load.start();
                awaitAcknowledgements("load under way", allPartitions(), System.nanoTime());
                for (int trial = 1; trial <= settings.trials(); trial++) {
                    results.add(trial(admin, trial, replicas));
                }
            }
        }
        progress.println("reading everything back");
        return new DrillReport(settings.fault(), results, journal, FullRead.of(settings.clients(), settings.topic()));
    }

    /** Deletes the drill's topic. */
    void cleanUp() {
        try (GqClient client = settings.clients().get()) {
            client.admin().deleteTopic(settings.topic());
        }
    }

    private TrialResult trial(Admin admin, int trial, int replicas) throws DrillFailure {
        settle();
        Map<Integer, Integer> leaders = leaders(admin);
        int wanted = (trial - 1) % settings.partitions();
        int victim = leaders.getOrDefault(wanted, 0);
        List<Integer> led = leaders.entrySet().stream()
                .filter(entry -> entry.getValue() == victim)
                .map(Map.Entry::getKey)
                .toList();
        ProcessHandle process = pids.running(victim)
                .orElseThrow(() -> new DrillFailure("node " + victim + ", leader of " + settings.topic() + "-" + wanted
                        + ": no broker process (expected: its number in " + pids.file(victim) + ")"));
        long firstValue = journal.next();
        long beginNs = System.nanoTime();
        settings.fault().begin(process);
        settings.fault().end(process, settings.pause());
        if (settings.fault().ends() && replicas < REPLICAS_THAT_BEAR_A_LOSS) {
            startBrokers(); // nobody else can lead
        }
        long endNs = settings.fault() == Fault.KILL ? beginNs : System.nanoTime();
        awaitAcknowledgements("partitions " + led + " led again", led, endNs);
        long backNs = System.nanoTime();
        Map<Integer, Long> gaps = led.stream()
                .collect(Collectors.toMap(
                        partition -> partition,
                        partition -> TimeUnit.NANOSECONDS.toMillis(timeline.longestGapNs(partition, beginNs, backNs))));
        progress.println("trial " + trial + ": " + settings.fault().done() + " node " + victim
                + ", gap in ms by partition " + new TreeMap<>(gaps));
        if (settings.fault().ends()) {
            startBrokers();
        }
        awaitHealthy(admin);
        awaitAcknowledgements("load under way again", allPartitions(), System.nanoTime());
        return new TrialResult(trial, victim, gaps, firstValue, journal.next());
    }

    /** Brokers that have just started are slow until their code is compiled. */
    private void settle() throws DrillFailure {
        long endNs = System.nanoTime() + settings.settle().toNanos();
        await(
                "load under way for " + settings.settle(),
                settings.settle().plus(HEALTHY_TIMEOUT),
                () -> System.nanoTime() - endNs >= 0);
    }

    private Map<Integer, Integer> leaders(Admin admin) {
        return admin.describeTopic(settings.topic()).topic().partitions().stream()
                .collect(Collectors.toMap(PartitionDescription::partition, PartitionDescription::leader));
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

    private void awaitHealthy(Admin admin) throws DrillFailure {
        await("cluster healthy", HEALTHY_TIMEOUT, () -> {
            try {
                return admin.within(Duration.ofSeconds(5)).describeCluster().healthy();
            } catch (GqException e) {
                return false; // nobody answered this time
            }
        });
    }

    private static void await(String what, Duration timeout, BooleanSupplier condition) throws DrillFailure {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new DrillFailure(what + ": not within " + timeout);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private void startBrokers() throws DrillFailure {
        try {
            Process start = new ProcessBuilder(settings.startCommand())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (!start.waitFor(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS) || start.exitValue() != 0) {
                start.destroyForcibly();
                throw new DrillFailure(settings.startCommand() + ": failed (expected: all brokers healthy)");
            }
        } catch (IOException e) {
            throw new DrillFailure(settings.startCommand() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DrillFailure("interrupted");
        }
    }
}
