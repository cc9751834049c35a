package io.gq.bench.compare;

import io.gq.bench.load.Driver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Kafka from its published jars: three nodes, each broker and controller, with the settings Kafka comes with. */
final class KafkaCluster implements Cluster {

    private static final int NODES = 3;
    private static final int BROKER_BASE = 9191;
    private static final int CONTROLLER_BASE = 9291;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
    private static final long STOP_SECONDS = 30;
    private static final String CLUSTER_ID = "Z3EtYmVuY2gtY29tcGFyZQ";

    /** What Kafka's own start script gives a server's JVM. */
    private static final List<String> JVM = List.of(
            "-server",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent",
            "-Djava.awt.headless=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

    private final String version;
    private final Path jars;
    private final Path directory;
    private final int portOffset;
    private final String heap;
    private final List<Process> brokers = new CopyOnWriteArrayList<>();

    /** @param jars of Kafka's server and what it needs */
    KafkaCluster(String version, Path jars, Path directory, int portOffset, String heap) {
        this.version = version;
        this.jars = jars;
        this.directory = directory;
        this.portOffset = portOffset;
        this.heap = heap;
    }

    @Override
    public String name() {
        return "Kafka " + version;
    }

    @Override
    public String durability() {
        return "page cache of all in-sync replicas, acks=all, min.insync.replicas=2 (rows named flush: flush.messages=1 on the topic, "
                + "which is log.flush.interval.messages=1)";
    }

    @Override
    public void start() {
        Commands.checkFree(IntStream.rangeClosed(1, NODES)
                .boxed()
                .flatMap(node -> List.of(brokerPort(node), controllerPort(node)).stream())
                .toList());
        for (int node = 1; node <= NODES; node++) {
            Commands.deleteTree(data(node));
            Commands.deleteTree(log("broker", node));
            write(config(node), settings(node));
            Commands.run(
                    new ProcessBuilder(java(
                            List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
                            "kafka.tools.StorageTool",
                            "format",
                            "--cluster-id",
                            CLUSTER_ID,
                            "--config",
                            config(node).toString())),
                    log("format", node));
        }
        for (int node = 1; node <= NODES; node++) {
            brokers.add(startNode(node));
        }
        awaitReady();
    }

    private Process startNode(int node) {
        List<String> options = new ArrayList<>(List.of("-Xms" + heap, "-Xmx" + heap));
        options.addAll(JVM);
        try {
            return new ProcessBuilder(java(options, "kafka.Kafka", config(node).toString()))
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(log("broker", node).toFile()))
                    .start();
        } catch (IOException e) {
            throw new CompareFailure("Kafka node " + node + " does not start: " + e.getMessage(), e);
        }
    }

    /** Starts the nodes that have ended, on the disks they had, and returns when all take connections. */
    void startMissing() {
        for (int node = 1; node <= NODES; node++) {
            if (!brokers.get(node - 1).isAlive()) {
                brokers.set(node - 1, startNode(node));
            }
        }
        awaitReady();
    }

    /** @param node from 1 on; empty where it does not run */
    Optional<ProcessHandle> process(int node) {
        return Optional.of(brokers.get(node - 1)).filter(Process::isAlive).map(Process::toHandle);
    }

    int nodes() {
        return NODES;
    }

    private void awaitReady() {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        for (int node = 1; node <= NODES; node++) {
            while (!Commands.listens(brokerPort(node))) {
                checkStarting(deadline);
            }
        }
        try (KafkaDriver driver = new KafkaDriver(bootstrap())) {
            while (driver.nodes() < NODES) {
                checkStarting(deadline);
            }
        }
    }

    /** Waits a little, where there is still hope. */
    private void checkStarting(long deadline) {
        for (int node = 1; node <= NODES; node++) {
            if (!brokers.get(node - 1).isAlive()) {
                throw new CompareFailure("Kafka node " + node + " ended while it was starting:\n"
                        + Commands.lastLines(log("broker", node)));
            }
        }
        if (System.nanoTime() - deadline > 0) {
            throw new CompareFailure("Kafka was not ready within " + START_TIMEOUT.toSeconds() + " s; logs: "
                    + directory.resolve("logs"));
        }
        Commands.pause();
    }

    @Override
    public List<Long> pids() {
        return brokers.stream().map(Process::pid).toList();
    }

    @Override
    public Driver connect() {
        return new KafkaDriver(bootstrap());
    }

    @Override
    public void stop() {
        brokers.forEach(Process::destroy);
        for (Process broker : brokers) {
            try {
                if (!broker.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                    broker.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                broker.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        brokers.clear();
        for (int node = 1; node <= NODES; node++) {
            Commands.deleteTree(data(node));
        }
    }

    private String settings(int node) {
        return String.join(
                "\n",
                "process.roles=broker,controller",
                "node.id=" + node,
                "controller.quorum.voters=" + all(n -> n + "@127.0.0.1:" + controllerPort(n)),
                "listeners=PLAINTEXT://127.0.0.1:" + brokerPort(node) + ",CONTROLLER://127.0.0.1:"
                        + controllerPort(node),
                "advertised.listeners=PLAINTEXT://127.0.0.1:" + brokerPort(node),
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.listener.names=CONTROLLER",
                "inter.broker.listener.name=PLAINTEXT",
                "log.dirs=" + data(node),
                "default.replication.factor=3",
                "min.insync.replicas=2",
                "auto.create.topics.enable=false",
                "# topics of one row are off the disk before the next",
                "log.segment.delete.delay.ms=1000",
                "");
    }

    private List<String> java(List<String> options, String main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", jars + "/*", main));
        command.addAll(List.of(arguments));
        return command;
    }

    String bootstrap() {
        return all(node -> "127.0.0.1:" + brokerPort(node));
    }

    private static String all(IntFunction<String> part) {
        return IntStream.rangeClosed(1, NODES).mapToObj(part).collect(Collectors.joining(","));
    }

    private int brokerPort(int node) {
        return BROKER_BASE + node + portOffset;
    }

    private int controllerPort(int node) {
        return CONTROLLER_BASE + node + portOffset;
    }

    private Path data(int node) {
        return directory.resolve("node" + node);
    }

    private Path config(int node) {
        return directory.resolve("node" + node + ".properties");
    }

    private Path log(String what, int node) {
        return directory.resolve("logs").resolve(what + node + ".log");
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new CompareFailure(file + ": " + e.getMessage(), e);
        }
    }
}
