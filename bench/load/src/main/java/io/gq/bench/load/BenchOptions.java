package io.gq.bench.load;

import io.gq.bench.load.Driver.SenderOptions;
import io.gq.core.ByteSize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every workload of {@code gq bench} understands. */
final class BenchOptions {

    enum Output {
        TABLE,
        JSON
    }

    private static final long SEED = 1;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT,...",
            defaultValue = "${env:GQ_BOOTSTRAP:-127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094}",
            description = "Brokers to ask first (environment: GQ_BOOTSTRAP). Default: the three local ones.")
    String bootstrap = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "How results and errors are written. Default: ${DEFAULT-VALUE}.")
    Output output = Output.TABLE;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "A topic that exists, and stays. Default: one of its own, deleted at the end.")
    @Nullable
    String topic;

    @Option(
            names = "--partitions",
            paramLabel = "P",
            defaultValue = "6",
            description = "Of its own topic. Default: ${DEFAULT-VALUE}.")
    int partitions = 6;

    @Option(
            names = "--replicas",
            paramLabel = "R",
            defaultValue = "0",
            description = "Of each partition of its own topic. Default: the cluster's.")
    int replicas;

    @Option(names = "--config", paramLabel = "KEY=VALUE", description = "A setting of its own topic. May be repeated.")
    Map<String, String> config = Map.of();

    @Option(names = "--keep", description = "Keep its own topic.")
    boolean keep;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "1KB",
            description = "Value of a record, made up. Default: ${DEFAULT-VALUE}.")
    ByteSize size = new ByteSize(1 << 10);

    @Option(names = "--file", paramLabel = "FILE", description = "Send the lines of a file, over and over, instead.")
    @Nullable
    Path file;

    @Option(
            names = "--producers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Each with its own connections. Default: ${DEFAULT-VALUE}.")
    int producers = 1;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "0",
            description = "Records of one producer sent and not answered. Default: what its buffer holds.")
    int inFlight;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Records a second of all producers together, whatever the answers do; 0: as many as go. "
                    + "Default: 0; for e2e 1000.")
    @Nullable
    Double rate;

    @Option(names = "--batch-bytes", paramLabel = "SIZE", description = "Default: the client's.")
    @Nullable
    ByteSize batchBytes;

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            description = "How long a batch that has room waits. Default: the client's; for e2e 0ms.")
    @Nullable
    Duration linger;

    @Option(
            names = "--fill",
            paramLabel = "SIZE",
            defaultValue = "256MB",
            description = "For consume: what its own topic holds. Default: ${DEFAULT-VALUE}.")
    ByteSize fill = new ByteSize(256 << 20);

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "Load before the measurement. Default: ${DEFAULT-VALUE}.")
    Duration warmUp = Duration.ofSeconds(10);

    @Option(
            names = "--time",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "What is measured. Default: ${DEFAULT-VALUE}.")
    Duration time = Duration.ofSeconds(30);

    boolean json() {
        return output == Output.JSON;
    }

    /** @param rateDefault where none is given */
    LoadSpec spec(String name, double rateDefault, Optional<Duration> lingerDefault) throws IOException {
        if (size.bytes() < 1 || size.bytes() > 1 << 20) {
            throw new IllegalArgumentException("--size: " + size + " (expected: 1 to 1MB)");
        }
        Payloads payloads = file == null
                ? Payloads.generated(size.toIntExact(), new SplittableRandom(SEED))
                : Payloads.linesOf(file);
        return new LoadSpec(
                name,
                payloads,
                producers,
                inFlight,
                rate == null ? rateDefault : rate,
                new SenderOptions(
                        batchBytes == null ? OptionalInt.empty() : OptionalInt.of(batchBytes.toIntExact()),
                        linger == null ? lingerDefault : Optional.of(linger)),
                warmUp,
                time);
    }
}
