package io.gq.broker;

import io.gq.broker.config.BrokerFlags;
import io.gq.broker.config.ConfigLoader;
import io.gq.broker.config.LoggingSetup;
import io.gq.core.BrokerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The broker as a process: reads its settings, runs until SIGTERM or SIGINT, hands its leaders over and stops. */
@Command(
        name = "gq-broker",
        description = "Runs a gq broker until it is told to stop.",
        mixinStandardHelpOptions = true,
        version = "gq " + Broker.VERSION,
        footer = {
            "",
            "A setting is taken from the first of: flag, environment variable, file, default.",
            "storage.flusher_threads in the file is GQ_STORAGE_FLUSHER_THREADS in the",
            "environment and --set storage.flusher_threads=8 as a flag.",
            "configs/broker.yaml lists all of them.",
        })
public final class Main implements Callable<Integer> {

    private static final int OK = 0;
    private static final int ERROR = 1;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "YAML file with settings (environment: GQ_CONFIG).")
    private @Nullable Path config;

    @Option(names = "--node-id", paramLabel = "N", description = "Same as --set node_id=N.")
    private @Nullable String nodeId;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Same as --set data_dir=DIR.")
    private @Nullable String dataDir;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Sets one option; may be repeated.")
    private List<String> set = new ArrayList<>();

    @Option(
            names = "--print-config",
            description = "Prints the settings in force and where each comes from, then exits.")
    private boolean printConfig;

    private Main() {}

    public static void main(String[] args) {
        int status = new CommandLine(new Main()).execute(args);
        // Only reached where nothing was started: a running broker ends by its shutdown hook.
        System.exit(status);
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            BrokerFlags flags = new BrokerFlags(
                    Optional.ofNullable(config), Optional.ofNullable(nodeId), Optional.ofNullable(dataDir), set);
            ConfigLoader.Loaded loaded = ConfigLoader.load(flags, System.getenv());
            if (printConfig) {
                System.out.print(loaded.print());
                return OK;
            }
            LoggingSetup.apply(loaded.config());
            run(new Broker(loaded.config()));
            return OK;
        } catch (BrokerException e) {
            System.err.println(e + "\n  " + e.code().hint());
            return ERROR;
        }
    }

    private static void run(Broker broker) throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        Thread stop = new Thread(
                () -> {
                    broker.close();
                    stopped.countDown();
                },
                "gq-stop");
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            broker.start();
        } catch (BrokerException e) {
            Runtime.getRuntime().removeShutdownHook(stop);
            broker.close();
            throw e;
        }
        stopped.await();
    }
}
