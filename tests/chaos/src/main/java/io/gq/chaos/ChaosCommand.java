package io.gq.chaos;

import io.gq.testing.history.HistoryReport.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Hurts a cluster of its own and says what its clients lost. Started by {@code scripts/chaos.sh}. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeOnExecutionException = 4, // 1 says that something was lost
        description =
                "Starts three brokers of its own, writes and reads, hurts them by a seeded schedule, heals them, and "
                        + "judges by a full read of every replica whether an acknowledged record was lost, duplicated, reordered or told "
                        + "in two ways.",
        footer = {
            "",
            "Exit code: 0 nothing was; 1 something was; 2 usage; 3 the run proves nothing: no fault could be injected, a broker did "
                    + "not come back, or the final read is not whole; 4 the program itself failed."
        })
public final class ChaosCommand implements Callable<Integer> {

    private static final Duration AFTER_SCHEDULE = Duration.ofMinutes(15);

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "60",
            description = "Seconds during which faults are injected. Default: ${DEFAULT-VALUE}.")
    int duration;

    @Option(
            names = "--faults",
            paramLabel = "KIND,...",
            split = ",",
            description = "Kinds of faults; all where none are named. See --list.")
    List<String> faults = new ArrayList<>();

    @Option(
            names = "--once",
            description = "Each kind once, in the order given, instead of again and again for the duration.")
    boolean once;

    @Option(names = "--seed", paramLabel = "N", description = "Of the schedule. Default: drawn and printed.")
    @Nullable
    Long seed;

    @Option(names = "--matrix", paramLabel = "short|long", description = "Many runs, cell by cell; needs --out.")
    @Nullable
    String matrix;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Of a matrix: a JSON file for each cell; cells that have one are not run again.")
    @Nullable
    Path outDir;

    @Option(
            names = "--only",
            paramLabel = "CELL,...",
            split = ",",
            description = "Of a matrix: these cells and no others.")
    List<String> only = new ArrayList<>();

    @Option(
            names = "--cell-seconds",
            paramLabel = "S",
            defaultValue = "180",
            description = "Of the long matrix: the duration of a cell. Default: ${DEFAULT-VALUE}.")
    int cellSeconds;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            required = true,
            description = "Where brokers store their data and write their logs. Deleted after a run that passed.")
    @Nullable
    Path dir;

    @Option(
            names = "--partitions",
            paramLabel = "P",
            defaultValue = "4",
            description = "Partitions that are written to. Default: ${DEFAULT-VALUE}.")
    int partitions;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "600",
            description = "Records written a second. Default: ${DEFAULT-VALUE}.")
    int rate;

    @Option(
            names = "--port-offset",
            paramLabel = "N",
            defaultValue = "1500",
            description = "Added to every port where brokers share the machine's network. Default: ${DEFAULT-VALUE}.")
    int portOffset;

    @Option(names = "--loopback", description = "No network namespaces: network faults are not run.")
    boolean loopback;

    @Option(
            names = "--no-fsync",
            description =
                    "The negative control: the brokers' fsync does nothing. A power loss then has to be found out.")
    boolean noFsync;

    @Option(names = "--keep", description = "Keep the data, whatever is found.")
    boolean keep;

    @Option(names = "--list", description = "List the kinds of faults and end.")
    boolean list;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            defaultValue = "text",
            description =
                    "json: a last line {seed, faults, ok, failed, unknown, lost, duplicated, reordered, divergent, "
                            + "longest_gap_ms, ...}.")
    String output = "text";

    public static void main(String[] args) {
        System.exit(new CommandLine(new ChaosCommand()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        if (list) {
            Arrays.stream(FaultKind.values())
                    .forEach(kind -> System.out.printf("%-18s %s%n", kind.label(), kind.description()));
            return 0;
        }
        check(duration >= 5, "--duration: " + duration + " (expected: at least 5)");
        check(
                partitions >= 1 && rate >= 1,
                "--partitions: " + partitions + ", --rate: " + rate + " (expected: at least 1)");
        check(List.of("text", "json").contains(output), "--output: " + output + " (expected: text or json)");
        check(
                matrix == null || List.of("short", "long").contains(matrix),
                "--matrix: " + matrix + " (expected: short or long)");
        check(matrix == null || outDir != null, "--matrix: no --out (expected: a directory for its results)");
        if (keep) {
            Testbed.keepData();
        }
        if (matrix != null && outDir != null) {
            return new Matrix(cells(matrix), outDir, System.out).run(this::plan, this::run);
        }
        List<FaultKind> kinds = faults.isEmpty() ? List.of(FaultKind.values()) : kinds();
        ChaosPlan plan = plan(new Matrix.Cell("run", kinds, once ? 0 : duration));
        ChaosReport report = run(plan);
        print(report);
        return exitCode(report.verdict());
    }

    private List<Matrix.Cell> cells(String name) {
        List<Matrix.Cell> all = name.equals("short") ? Matrix.shortCells() : Matrix.longCells(cellSeconds);
        List<String> names = all.stream().map(Matrix.Cell::name).toList();
        check(names.containsAll(only), "--only: " + only + " (expected: of " + names + ")");
        return all.stream()
                .filter(cell -> only.isEmpty() || only.contains(cell.name()))
                .toList();
    }

    private List<FaultKind> kinds() {
        try {
            return faults.stream().map(FaultKind::of).distinct().toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private ChaosPlan plan(Matrix.Cell cell) {
        long drawn = seed == null ? System.nanoTime() & Integer.MAX_VALUE : seed;
        boolean each = cell.seconds() == 0;
        Duration time = Duration.ofSeconds(cell.seconds());
        Schedule schedule = each ? Schedule.once(drawn, cell.kinds()) : Schedule.repeated(drawn, time, cell.kinds());
        Path base = Objects.requireNonNull(dir).toAbsolutePath().normalize();
        Path place = matrix == null ? base.resolve("run") : base.resolve(cell.name()); // what a cell found stays
        return new ChaosPlan(
                cell.kinds(),
                schedule,
                each ? schedule.end().plus(AFTER_SCHEDULE) : time,
                place,
                partitions,
                rate,
                portOffset,
                loopback,
                noFsync);
    }

    private ChaosReport run(ChaosPlan plan) throws InterruptedException {
        System.out.println("seed " + plan.schedule().seed() + ", schedule:");
        plan.schedule().steps().forEach(step -> System.out.println("  " + step));
        try (Watchdog watchdog = Watchdog.start(plan.schedule().end().plus(AFTER_SCHEDULE))) {
            return new ChaosRun(plan, System.out).run();
        }
    }

    private void print(ChaosReport report) {
        if (report.history() != null) {
            System.out.println(report.history().describe());
        }
        report.troubles().forEach(trouble -> System.out.println("trouble: " + trouble));
        report.notRun().forEach((kind, why) -> System.out.println("not run: " + kind + ": " + why));
        System.out.println(output.equals("json") ? report.line() : "verdict: " + report.verdict());
    }

    static int exitCode(Verdict verdict) {
        return switch (verdict) {
            case PASSED -> 0;
            case FAILED -> 1;
            case INCONCLUSIVE -> 3;
        };
    }

    private void check(boolean good, String message) {
        if (!good) {
            throw new ParameterException(commandLine(), message);
        }
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }
}
