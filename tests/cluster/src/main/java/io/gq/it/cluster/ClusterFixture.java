package io.gq.it.cluster;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of broker processes on loopback ports, in a directory of its own below {@code target/clusters}. The first three nodes
 * are the controllers (the first alone, where there are fewer). Everything waits for a bounded time; {@link #close} ends all processes and deletes the data, the output files
 * stay. Used by one thread.
 */
public final class ClusterFixture implements AutoCloseable {

    /** System property: data directories stay after the tests, to be looked at. */
    private static final String KEEP_DATA = "gq.it.keep";

    private static final Duration HEALTHY_TIMEOUT = Duration.ofSeconds(90);

    private final String name;
    private final Path dir;
    private final List<BrokerProcess> brokers;
    private final Thread lastResort;

    private ClusterFixture(String name, Path dir, List<BrokerProcess> brokers) {
        this.name = name;
        this.dir = dir;
        this.brokers = List.copyOf(brokers);
        this.lastResort = new Thread(() -> brokers.forEach(BrokerProcess::close));
        Runtime.getRuntime().addShutdownHook(lastResort);
    }

    /** @param name of the directory; unique among the clusters of a test run */
    public static Builder named(String name) {
        return new Builder(name);
    }

    /** What a cluster is made of. */
    public static final class Builder {
        private final String name;
        private final Map<String, String> settings = new TreeMap<>();
        private int nodes = 3;
        private IntFunction<String> host = node -> "127.0.0.1";
        private IntFunction<BrokerPorts> ports = node -> BrokerPorts.free();
        private @Nullable Path dir;

        private Builder(String name) {
            this.name = name;
            // small machines, short tests
            settings.put("storage.preallocate_bytes", "256KB");
            settings.put("raft.snapshot_entries", "200");
            settings.put("raft.log_entries_kept", "100");
            settings.put("storage.cleanup_interval", "300ms");
            settings.put("storage.disk_check_interval", "200ms");
            settings.put("storage.disk_reserve_bytes", "16MB");
            settings.put("topics.segment_bytes", "16MB");
        }

        public Builder nodes(int count) {
            nodes = count;
            return this;
        }

        /** A loopback name or address, IPv6 in brackets; 127.0.0.1 where none is given. */
        public Builder host(String nameOrAddress) {
            return hosts(node -> nameOrAddress);
        }

        /** Where each node listens, from node 1 on. */
        public Builder hosts(IntFunction<String> hostOfNode) {
            host = hostOfNode;
            return this;
        }

        /** Ports of each node, from node 1 on; free ones where none are given. */
        public Builder ports(IntFunction<BrokerPorts> portsOfNode) {
            ports = portsOfNode;
            return this;
        }

        /** A directory for this cluster alone: what lies there is deleted. Below {@code target/clusters} where none is given. */
        public Builder dir(Path directory) {
            dir = directory.toAbsolutePath();
            return this;
        }

        public Builder set(String key, String value) {
            settings.put(key, value);
            return this;
        }

        /** Makes the cluster, without starting a process. */
        public ClusterFixture build() {
            Path dir = this.dir == null ? Path.of("target", "clusters", name).toAbsolutePath() : this.dir;
            DataFiles.deleteTree(dir);
            try {
                Files.createDirectories(dir);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            List<BrokerPorts> ports =
                    IntStream.rangeClosed(1, nodes).mapToObj(this.ports).toList();
            settings.put(
                    "controllers",
                    IntStream.rangeClosed(1, nodes < 3 ? 1 : 3)
                            .mapToObj(n -> n + "@" + host.apply(n) + ":"
                                    + ports.get(n - 1).grpc())
                            .collect(Collectors.joining(",")));
            List<BrokerProcess> brokers = new ArrayList<>();
            for (int node = 1; node <= nodes; node++) {
                brokers.add(new BrokerProcess(
                        node, host.apply(node), dir.resolve("node-" + node), ports.get(node - 1), settings));
            }
            return new ClusterFixture(name, dir, brokers);
        }

        /** Makes the cluster, starts all brokers and waits until they are ready. */
        public ClusterFixture start() {
            ClusterFixture cluster = build();
            try {
                cluster.startAll();
                return cluster;
            } catch (RuntimeException | Error e) {
                e.addSuppressed(new AssertionError(cluster.outputs(60)));
                cluster.close();
                throw e;
            }
        }
    }

    public String name() {
        return name;
    }

    public Path dir() {
        return dir;
    }

    public List<BrokerProcess> brokers() {
        return brokers;
    }

    /** The broker of node n, from 1 on. */
    public BrokerProcess node(int n) {
        return brokers.get(n - 1);
    }

    /** Addresses of all brokers, as {@code host:port,host:port}. */
    public String bootstrap() {
        return brokers.stream().map(BrokerProcess::address).collect(Collectors.joining(","));
    }

    /** Starts what does not run and waits until all are ready. */
    public void startAll() {
        brokers.stream().filter(broker -> !broker.alive()).forEach(BrokerProcess::start);
        awaitReady();
    }

    /** Waits until every broker says it is ready. */
    public void awaitReady() {
        brokers.forEach(BrokerProcess::awaitReady);
        await("all brokers ready at once")
                .atMost(HEALTHY_TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> brokers.stream().allMatch(BrokerProcess::ready));
    }

    /** SIGKILL to all, within a few milliseconds. */
    public void killAll() {
        List<BrokerProcess> running =
                brokers.stream().filter(BrokerProcess::alive).toList();
        running.forEach(BrokerProcess::killNow);
        running.forEach(BrokerProcess::awaitExit);
    }

    /** The end of each broker's output. */
    public String outputs(int lines) {
        return brokers.stream().map(broker -> broker.outputTail(lines)).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException e) {
            // the virtual machine ends already
        }
        brokers.forEach(BrokerProcess::close);
        if (Boolean.getBoolean(KEEP_DATA)) {
            return;
        }
        brokers.stream()
                .map(BrokerProcess::dataDir)
                .filter(data -> data.startsWith(dir))
                .forEach(DataFiles::deleteTree);
    }
}
