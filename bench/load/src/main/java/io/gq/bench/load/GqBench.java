package io.gq.bench.load;

import io.gq.core.BrokerException;
import io.gq.core.ByteSize;
import io.gq.core.ErrorCode;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** {@code gq bench}: puts load on a cluster and measures what comes of it. */
@Command(
        name = "gq bench",
        mixinStandardHelpOptions = true,
        version = "gq 0.1.0",
        synopsisSubcommandLabel = "produce|consume|e2e|idle",
        description = {
            "Puts load on a cluster and measures: records/s, MB/s and latency.",
            "Latency counts from the time a record was meant to be sent, so that a stall is seen by every record it holds up."
        },
        footer = GqBench.EXIT_CODES)
public final class GqBench {

    static final String EXIT_CODES = "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 5 timeout.";

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m)");
    private static final int USAGE = 2;
    private static final int NOT_FOUND = 3;
    private static final int TIMEOUT = 5;
    private static final double E2E_RATE = 1000;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final Function<String, Driver> connect;

    /**
     * @param interactive somebody watches {@code err}
     * @param connect from bootstrap addresses to a cluster
     */
    GqBench(PrintStream out, PrintStream err, boolean interactive, Function<String, Driver> connect) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.connect = connect;
    }

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(new GqBench(out, err, Boolean.getBoolean("gq.stderr.tty"), GqDriver::new).run(args));
    }

    @Command(
            name = "produce",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Writes, at full speed or at a fixed rate.",
            footer = EXIT_CODES)
    int produce(@Mixin BenchOptions options) throws IOException {
        try (BenchRun run = open("produce", options)) {
            LoadSpec spec = options.spec(run.topic(), 0, Optional.empty());
            return run.report(spec, Load.produce(run.driver(), spec, run));
        }
    }

    @Command(
            name = "consume",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description =
                    "Fills a topic of its own, or takes one that is there, and reads it with one consumer, over and over.",
            footer = EXIT_CODES)
    int consume(@Mixin BenchOptions options) throws IOException {
        try (BenchRun run = open("consume", options)) {
            LoadSpec spec = options.spec(run.topic(), 0, Optional.empty());
            if (options.topic == null) {
                Load.fill(run.driver(), spec, options.fill.bytes());
            }
            return run.report(spec, Load.consume(run.driver(), spec, run));
        }
    }

    @Command(
            name = "e2e",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Writes and reads at the same time: latency to the acknowledgement and to the consumer.",
            footer = EXIT_CODES)
    int endToEnd(@Mixin BenchOptions options) throws IOException {
        try (BenchRun run = open("e2e", options)) {
            LoadSpec spec = options.spec(run.topic(), E2E_RATE, Optional.of(Duration.ZERO));
            return run.report(spec, Load.endToEnd(run.driver(), spec, run));
        }
    }

    @Command(
            name = "idle",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Connects many clients that do nothing, holds them for --time, and asks each once more.",
            footer = EXIT_CODES)
    int idle(
            @Mixin BenchOptions options,
            @Option(
                            names = "--clients",
                            paramLabel = "N",
                            defaultValue = "1000",
                            description = "Each with its own connections. Default: ${DEFAULT-VALUE}.")
                    int clients) {
        if (clients < 1) {
            throw new IllegalArgumentException("--clients: " + clients + " (expected: 1 or more)");
        }
        try (BenchRun run = open("idle", options)) {
            return run.report(IdleClients.hold(run.driver(), run.topic(), clients, options.time, run));
        }
    }

    private BenchRun open(String work, BenchOptions options) {
        return BenchRun.open(
                work,
                options,
                connect.apply(options.bootstrap),
                out,
                interactive ? Optional.of(err) : Optional.empty());
    }

    int run(String... args) {
        CommandLine root = new CommandLine(this)
                .registerConverter(Duration.class, GqBench::duration)
                .registerConverter(ByteSize.class, GqBench::byteSize)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        boolean json = List.of(args).contains("json") || List.of(args).contains("-o=json");
        root.setParameterExceptionHandler((e, all) -> usage(e, json));
        root.setExecutionExceptionHandler((e, command, parsed) -> failed(e, json));
        return root.execute(args);
    }

    private int usage(ParameterException e, boolean json) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        tell(json, "USAGE", "", String.valueOf(e.getMessage()), "see " + command + " --help");
        return USAGE;
    }

    private int failed(Exception failure, boolean json) throws Exception {
        Throwable cause = failure instanceof LoadFailure load && load.getCause() != null ? load.getCause() : failure;
        if (cause instanceof BrokerException e) {
            tell(
                    json,
                    e.code().name(),
                    e.code().label(),
                    String.valueOf(failure.getMessage()),
                    e.code().hint());
            return e.code() == ErrorCode.TIMEOUT
                    ? TIMEOUT
                    : e.code().kind() == ErrorCode.Kind.NOT_FOUND ? NOT_FOUND : 1;
        }
        if (cause instanceof IllegalArgumentException e) {
            tell(json, "USAGE", "", String.valueOf(e.getMessage()), "see gq bench --help");
            return USAGE;
        }
        if (cause instanceof IOException) {
            tell(json, "IO", "", cause.getClass().getSimpleName() + ": " + cause.getMessage(), "");
            return 1;
        }
        if (failure instanceof LoadFailure) {
            tell(json, "LOAD", "", String.valueOf(failure.getMessage()), "");
            return 1;
        }
        throw failure;
    }

    private void tell(boolean json, String name, String label, String message, String hint) {
        if (json) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("error", name);
            error.put("code", label);
            error.put("message", message);
            error.put("hint", hint);
            err.println(BenchReport.json(error));
        } else {
            err.println("gq: " + (label.isEmpty() ? "" : label + " " + name + ": ") + message);
            if (!hint.isEmpty()) {
                err.println("hint: " + hint);
            }
        }
    }

    /** {@code 500ms}, {@code 10s}, {@code 2m}. */
    private static Duration duration(String text) {
        Matcher m = DURATION.matcher(text);
        if (!m.matches()) {
            throw new TypeConversionException("'" + text + "' (expected: a number with a unit ms, s or m)");
        }
        long n = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            default -> Duration.ofMinutes(n);
        };
    }

    private static ByteSize byteSize(String text) {
        try {
            return ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
