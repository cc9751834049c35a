package io.gq.broker;

import io.gq.broker.config.BrokerFlags;
import io.gq.broker.config.ConfigLoader;
import io.gq.broker.config.LoggingSetup;
import io.gq.core.BrokerException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The broker as a process: reads its settings, runs until SIGTERM or SIGINT, hands its leaders over and stops. */
@Command(
        name = "gq-broker",
        description = "Runs a gq broker until it is told to stop.",
        mixinStandardHelpOptions = true,
        version = "gq " + Broker.VERSION)
public final class Main implements Callable<Integer> {

    private static final int OK = 0;
    private static final int ERROR = 1;

    @Mixin
    private BrokerFlags flags = new BrokerFlags();

    private Main() {}

    public static void main(String[] args) {
        int status = new CommandLine(new Main()).execute(args);
        // Only reached where nothing was started: a running broker ends by its shutdown hook.
        System.exit(status);
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            ConfigLoader.Loaded loaded = ConfigLoader.load(flags, System.getenv());
            if (flags.printConfig()) {
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
