package io.gq.bench.compare;

import io.gq.cli.drill.Drill;
import io.gq.cli.drill.DrillFailure;
import io.gq.cli.drill.DrillReport;
import io.gq.cli.drill.DrillTarget;
import io.gq.cli.drill.Fault;
import io.gq.client.GqException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The failover drill on gq and on Kafka, one after the other. Started by {@code bench/compare/drill.sh}. */
@Command(
        name = "drill.sh",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Holds the drill of scripts/failover-drill.sh on three nodes of gq and then on three nodes of Kafka, each started on "
                    + "empty disks on this machine: the same load, the same faults, the same judgement.",
            "Results go to standard output, what happens to standard error."
        },
        footer = {
            "",
            "Exit codes: 0 nothing lost, duplicated or reordered; 1 something was, or a drill failed; 2 usage."
        })
public final class CompareDrill implements Callable<Integer> {

    enum Subject {
        GQ,
        KAFKA
    }

    enum Output {
        TABLE,
        JSON
    }

    @Option(names = "--mode", paramLabel = "kill|stop|pause", defaultValue = "kill", description = "Default: kill.")
    Fault mode = Fault.KILL;

    @Option(names = "--trials", paramLabel = "N", defaultValue = "10", description = "Of each. Default: 10.")
    int trials;

    @Option(names = "--partitions", paramLabel = "P", defaultValue = "30", description = "Default: 30.")
    int partitions;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "500",
            description = "Records a second, over all partitions. Default: 500.")
    int rate;

    @Option(
            names = "--pause-seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "How long a paused broker stands still. Default: 10.")
    int pauseSeconds;

    @Option(
            names = "--settle-seconds",
            paramLabel = "S",
            defaultValue = "20",
            description = "How long the load runs on a healthy cluster before each trial. Default: 20.")
    int settleSeconds;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "gq|kafka",
            defaultValue = "gq,kafka",
            description = "One of the two. Default: both.")
    List<Subject> only = List.of(Subject.values());

    @Option(names = "--heap", paramLabel = "SIZE", defaultValue = "1g", description = "Of each broker. Default: 1g.")
    String heap = "1g";

    @Option(
            names = "--port-offset",
            paramLabel = "P",
            defaultValue = "20000",
            description = "Added to every port: gq as in start-cluster.sh, Kafka 9191+n and 9291+n. Default: 20000.")
    int portOffset = 20000;

    @Option(names = "--dir", paramLabel = "DIR", required = true, description = "Where data and logs go.")
    Path dir = Path.of("");

    @Option(names = "--home", required = true, hidden = true)
    Path home = Path.of("");

    @Option(names = "--kafka-jars", required = true, hidden = true)
    Path kafkaJars = Path.of("");

    @Option(names = "--kafka-version", required = true, hidden = true)
    String kafkaVersion = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description =
                    "json: a line for each of the two, {cluster, mode, trials, gap_ms_p50, gap_ms_max, acked, lost, "
                            + "duplicated, reordered}.")
    Output output = Output.TABLE;

    public static void main(String[] args) {
        System.exit(new CommandLine(new CompareDrill())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .execute(args));
    }

    @Override
    public Integer call() {
        if (trials < 1 || partitions < 1 || rate < 1 || pauseSeconds < 1 || settleSeconds < 0) {
            System.err.println("--trials: " + trials + ", --partitions: " + partitions + ", --rate: " + rate
                    + ", --pause-seconds: " + pauseSeconds + ", --settle-seconds: " + settleSeconds
                    + " (expected: at least 1 each, 0 for the last)");
            return CommandLine.ExitCode.USAGE;
        }
        boolean clean = true;
        try {
            for (Subject subject : only) {
                clean &= subject == Subject.GQ ? onGq() : onKafka();
            }
        } catch (DrillFailure | CompareFailure | GqException | KafkaException e) {
            System.err.println("drill.sh: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        return clean ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private boolean onGq() throws DrillFailure {
        GqCluster cluster = new GqCluster(home, dir.resolve("gq").toAbsolutePath(), portOffset, heap);
        return on(cluster, cluster::target);
    }

    private boolean onKafka() throws DrillFailure {
        KafkaCluster cluster =
                new KafkaCluster(kafkaVersion, kafkaJars, dir.resolve("kafka").toAbsolutePath(), portOffset, heap);
        return on(cluster, () -> new KafkaTarget(cluster));
    }

    private interface Targets {
        DrillTarget connect();
    }

    private boolean on(Cluster cluster, Targets targets) throws DrillFailure {
        Thread onInterrupt = new Thread(cluster::stop, "drill-interrupt");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            System.err.println("starting " + cluster.name() + ": " + cluster.durability());
            cluster.start();
            try (DrillTarget target = targets.connect()) {
                DrillReport report = new Drill(target, settings(), System.err).run();
                show(cluster.name(), report);
                return report.verdict().clean();
            }
        } finally {
            cluster.stop();
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        }
    }

    private Drill.Settings settings() {
        return new Drill.Settings(
                "failover-drill",
                partitions,
                0,
                trials,
                rate,
                mode,
                Duration.ofSeconds(pauseSeconds),
                Duration.ofSeconds(settleSeconds));
    }

    private void show(String name, DrillReport report) {
        if (output == Output.TABLE) {
            System.out.println(name);
            report.print(System.out);
        } else {
            report.print(System.err);
            System.out.println(String.format(
                    Locale.ROOT, "{\"cluster\":\"%s\",%s", name, report.json().substring(1)));
        }
        System.out.flush();
    }
}
