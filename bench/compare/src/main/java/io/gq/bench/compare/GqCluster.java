package io.gq.bench.compare;

import io.gq.bench.load.Driver;
import io.gq.bench.load.GqDriver;
import io.gq.cli.drill.DrillTarget;
import io.gq.cli.drill.GqTarget;
import io.gq.client.GqClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** gq, by its own scripts. */
final class GqCluster implements Cluster {

    private static final int NODES = 3;
    private static final int GRPC_BASE = 9091;

    private final Path home;
    private final Path directory;
    private final int portOffset;
    private final String heap;

    /** @param home of the project */
    GqCluster(Path home, Path directory, int portOffset, String heap) {
        this.home = home;
        this.directory = directory;
        this.portOffset = portOffset;
        this.heap = heap;
    }

    @Override
    public String name() {
        return "gq";
    }

    @Override
    public String durability() {
        return "fsynced by a majority before every acknowledgement (rows named replicated: page cache of a majority)";
    }

    @Override
    public void start() {
        run("start-cluster.sh", "--nodes", String.valueOf(NODES), "--clean", "--port-offset", offset());
    }

    private String offset() {
        return String.valueOf(portOffset);
    }

    /** The cluster that runs, for a drill. */
    DrillTarget target() {
        // as the scripts get it from run()
        List<String> start = List.of(
                "env",
                "GQ_HEAP=" + heap,
                "JAVA_HOME=" + System.getProperty("java.home"),
                script("start-cluster.sh"),
                "--nodes",
                String.valueOf(NODES),
                "--port-offset",
                offset(),
                "--dir",
                directory.toString());
        return new GqTarget(() -> GqClient.builder().bootstrap(bootstrap()).build(), directory, start);
    }

    @Override
    public List<Long> pids() {
        List<Long> pids = new ArrayList<>();
        for (int node = 1; node <= NODES; node++) {
            Path file = directory.resolve("run/broker" + node + ".pid");
            try {
                pids.add(Long.valueOf(Files.readString(file).split(" ", 2)[0]));
            } catch (IOException e) {
                throw new CompareFailure(file + ": " + e.getMessage() + " (expected: written by start-cluster.sh)", e);
            }
        }
        return pids;
    }

    @Override
    public Driver connect() {
        return new GqDriver(bootstrap());
    }

    private String bootstrap() {
        return IntStream.rangeClosed(1, NODES)
                .mapToObj(node -> "127.0.0.1:" + (GRPC_BASE + node + portOffset))
                .collect(Collectors.joining(","));
    }

    @Override
    public void stop() {
        run("stop-cluster.sh");
        for (int node = 1; node <= NODES; node++) {
            Commands.deleteTree(directory.resolve("broker" + node));
        }
    }

    private void run(String script, String... options) {
        List<String> command = new ArrayList<>();
        command.add(script(script));
        command.addAll(List.of("--dir", directory.toString()));
        command.addAll(List.of(options));
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().put("GQ_HEAP", heap);
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Commands.run(process, directory.resolve("logs").resolve(script + ".log"));
    }

    private String script(String name) {
        return home.resolve("scripts").resolve(name).toString();
    }
}
