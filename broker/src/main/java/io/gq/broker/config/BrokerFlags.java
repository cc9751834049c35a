package io.gq.broker.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The flags of {@code gq-broker}. Parsed by picocli, by themselves or as a mixin; the fields are written by it. */
@Command(
        name = "gq-broker",
        description = "Runs one broker of a gq cluster.",
        sortOptions = false,
        footer = {
            "",
            "A setting is taken from the first of: flag, environment variable, file, default.",
            "storage.flusher_threads in the file is GQ_STORAGE_FLUSHER_THREADS in the environment",
            "and --set storage.flusher_threads=8 as a flag. configs/broker.yaml lists all of them.",
        })
public final class BrokerFlags {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "YAML file with settings (environment: GQ_CONFIG).")
    @Nullable
    Path config;

    @Option(names = "--node-id", paramLabel = "N", description = "Same as --set node_id=N.")
    @Nullable
    String nodeId;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Same as --set data_dir=DIR.")
    @Nullable
    String dataDir;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Sets one option; may be repeated.")
    List<String> set = new ArrayList<>();

    @Option(
            names = "--print-config",
            description = "Prints the settings in force and where each comes from, then exits.")
    boolean printConfig;

    /** Whether the settings are to be printed instead of starting. */
    public boolean printConfig() {
        return printConfig;
    }
}
