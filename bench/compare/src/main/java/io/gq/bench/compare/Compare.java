package io.gq.bench.compare;

import io.gq.bench.compare.Trial.Scale;
import io.gq.bench.load.BenchReport;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The comparison with Kafka, started by {@code bench/compare/run.sh}. */
@Command(
        name = "run.sh",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Puts the same load on a three-node gq cluster and on a three-node Kafka cluster on this machine, one at a time, "
                    + "alternating, and prints both figures and the ratio pair by pair.",
            "A ratio above 1 is in gq's favour in every row. Figures go to standard output, what happens to standard error."
        },
        footer = {"", "Exit codes: 0 measured, 1 error, 2 usage."})
public final class Compare implements Callable<Integer> {

    enum Output {
        TABLE,
        JSON
    }

    private static final long MB = 1L << 20;

    @Option(names = "--quick", description = "One pair, short, without some rows: less than 15 minutes.")
    boolean quick;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "WORK",
            description = "Rows by name, or latency-1000 for its four. Default: all. Names: ${ROWS}")
    List<String> only = List.of();

    @Option(names = "--pairs", paramLabel = "N", description = "Runs of each cluster. Default: 3; with --quick 1.")
    int pairs;

    @Option(
            names = "--time",
            paramLabel = "SECONDS",
            description = "Measured in each run. Default: 30; with --quick 20.")
    int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "Load on a cluster just started, before anything is measured. Default: 120; with --quick 60.")
    @Nullable
    Integer warmUpSeconds;

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
            description = "json: an array of {work, gq, peer, ratio, target, unit, pairs, limit, met, reason}.")
    Output output = Output.TABLE;

    public static void main(String[] args) {
        System.setProperty(
                "ROWS", String.join(", ", Row.ALL.stream().map(Row::work).toList()));
        System.exit(new CommandLine(new Compare())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .execute(args));
    }

    @Override
    public Integer call() {
        PrintStream err = System.err;
        List<Row> rows = rows();
        if (rows.isEmpty() || pairs < 0 || seconds < 0) {
            err.println("--only: " + only + ", --pairs: " + pairs + ", --time: " + seconds
                    + " (expected: names of rows, see --help; >= 1 each)");
            return CommandLine.ExitCode.USAGE;
        }
        Cluster gq = new GqCluster(home, dir.resolve("gq").toAbsolutePath(), portOffset, heap);
        Cluster kafka =
                new KafkaCluster(kafkaVersion, kafkaJars, dir.resolve("kafka").toAbsolutePath(), portOffset, heap);
        Duration clusterWarmUp = Duration.ofSeconds(warmUpSeconds == null ? quick ? 60 : 120 : warmUpSeconds);
        Scale scale = new Scale(
                Duration.ofSeconds(quick ? 5 : 10),
                Duration.ofSeconds(seconds > 0 ? seconds : quick ? 20 : 30),
                (quick ? 512 : 1024) * MB);
        Comparison comparison = new Comparison(gq, kafka, rows, clusterWarmUp, scale, err);
        Thread onInterrupt = new Thread(comparison::cancel, "compare-interrupt");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        List<String> setting = setting(gq, kafka);
        setting.forEach(err::println);
        try {
            List<RowResult> results = comparison.run(pairs > 0 ? pairs : quick ? 1 : 3);
            PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            out.print(
                    output == Output.JSON
                            ? BenchReport.json(results.stream()
                                            .map(RowResult::json)
                                            .toList()) + "\n"
                            : CompareTable.text(results, kafka.name()));
            out.flush();
            return CommandLine.ExitCode.OK;
        } catch (CompareFailure e) {
            err.println("run.sh: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private List<Row> rows() {
        if (only.stream().anyMatch(name -> Row.ALL.stream().noneMatch(row -> row.named(name)))) {
            return List.of();
        }
        return Row.ALL.stream()
                .filter(row ->
                        only.isEmpty() ? !quick || row.quick() : only.stream().anyMatch(row::named))
                .toList();
    }

    private List<String> setting(Cluster gq, Cluster kafka) {
        return Arrays.asList(
                "three nodes each, heap " + heap + ", Java " + Runtime.version() + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors, clients on the same machine",
                gq.name() + ": " + gq.durability(),
                kafka.name() + ": " + kafka.durability());
    }
}
