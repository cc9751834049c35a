package io.gq.cli.drill;

import io.gq.cli.TlsOptions;
import io.gq.client.GqClient;
import io.gq.client.GqException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Kills, stops or pauses leaders of a running cluster under load and says what that cost. Started by {@code scripts/failover-drill.sh}. */
@Command(
        name = "failover-drill",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Kills, stops or pauses the broker that leads a partition, under load, again and again, and judges by a full read: "
                        + "how long no record was acknowledged, and whether an acknowledged record was lost, duplicated or "
                        + "reordered.",
        footer = {
            "",
            "Exit code: 0 nothing lost, duplicated or reordered; 1 something was, or the drill failed; 2 usage."
        })
public final class FailoverDrill implements Callable<Integer> {

    private static final List<String> MODES =
            Stream.of(Fault.values()).map(Fault::label).toList();

    @Option(
            names = "--mode",
            paramLabel = "kill|stop|pause",
            defaultValue = "kill",
            description = "kill: SIGKILL; stop: SIGTERM; pause: SIGSTOP, and SIGCONT later. Default: ${DEFAULT-VALUE}.")
    String mode = "kill";

    @Option(
            names = "--pause-seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "How long a paused broker stands still. Default: ${DEFAULT-VALUE}.")
    int pauseSeconds;

    @Option(
            names = "--settle-seconds",
            paramLabel = "S",
            defaultValue = "20",
            description = "How long the load runs on a healthy cluster before each trial. Default: ${DEFAULT-VALUE}.")
    int settleSeconds;

    @Option(
            names = "--trials",
            paramLabel = "N",
            defaultValue = "3",
            description = "Trials. Default: ${DEFAULT-VALUE}.")
    int trials;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            required = true,
            description = "Directory of the cluster, with run/brokerN.pid of each broker.")
    Path dir;

    @Option(
            names = "--partitions",
            paramLabel = "P",
            defaultValue = "3",
            description = "Partitions of the drill's topic. Default: ${DEFAULT-VALUE}.")
    int partitions;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "Replicas of each. Default: 3, or one a broker where there are fewer.")
    int replicas;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "1000",
            description = "Records a second, over all partitions. Default: ${DEFAULT-VALUE}.")
    int rate;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT,...",
            defaultValue = "${env:GQ_BOOTSTRAP:-127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094}",
            description = "Brokers to ask first (environment: GQ_BOOTSTRAP). Default: the three local ones.")
    String bootstrap;

    @Mixin
    TlsOptions tls = new TlsOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description =
                    "json: a last line {mode, trials, gap_ms_p50, gap_ms_max, acked, lost, duplicated, reordered}.")
    String output;

    @Option(names = "--keep", description = "Keep the drill's topic.")
    boolean keep;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "1..*",
            description =
                    "After --: the command that starts the brokers that do not run and returns when all are healthy.")
    List<String> start;

    public static void main(String[] args) {
        System.exit(new CommandLine(new FailoverDrill()).execute(args));
    }

    private GqClient connect() {
        return tls.apply(GqClient.builder()).bootstrap(bootstrap).build();
    }

    @Override
    public Integer call() {
        if (trials < 1
                || replicas < 0
                || partitions < 1
                || rate < 1
                || pauseSeconds < 1
                || settleSeconds < 0
                || !MODES.contains(mode)
                || !List.of("table", "json").contains(output)) {
            System.err.println(
                    "mode: " + mode + ", trials: " + trials + ", partitions: " + partitions + ", rate: " + rate
                            + ", pause: " + pauseSeconds + " s, output: " + output
                            + " (expected: one of " + MODES + ", at least 1 each, table or json)");
            return CommandLine.ExitCode.USAGE;
        }
        String topic = "failover-drill-" + System.currentTimeMillis();
        try (GqTarget target = new GqTarget(this::connect, dir, start)) {
            Drill drill = new Drill(
                    target,
                    new Drill.Settings(
                            topic,
                            partitions,
                            replicas,
                            trials,
                            rate,
                            Fault.valueOf(mode.toUpperCase(Locale.ROOT)),
                            Duration.ofSeconds(pauseSeconds),
                            Duration.ofSeconds(settleSeconds)),
                    System.err);
            DrillReport report = drill.run();
            report.print(output.equals("json") ? System.err : System.out);
            if (output.equals("json")) {
                System.out.println(report.json());
            }
            boolean clean = report.verdict().clean();
            if (clean && !keep) {
                drill.cleanUp();
            } else {
                System.err.println("kept topic " + topic);
            }
            return clean ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } catch (DrillFailure | GqException e) {
            System.err.println("failover-drill: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }
}
