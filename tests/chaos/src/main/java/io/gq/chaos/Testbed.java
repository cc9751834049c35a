package io.gq.chaos;

import io.gq.it.cluster.BrokerPorts;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.DataFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Three brokers, and what the machine allows to stand between them and the rest of it: a network of their own, a file system each, a
 * library each. Takes everything away again on {@link #close}, which also happens when the virtual machine ends.
 */
final class Testbed implements AutoCloseable {

    static final int NODES = 3;

    private static final String DATA_KEPT = "gq.it.keep";

    private final Path dir;
    private final ClusterFixture cluster;
    private final @Nullable NamespaceNetwork network;
    private final List<LoopDisk> disks;
    private final List<Shim> shims;
    private final @Nullable Path poweroff;
    private final Map<Need, String> missing;
    private final Thread lastResort = new Thread(this::takeAway);
    private boolean closed;

    private Testbed(Builder parts, ClusterFixture cluster) {
        this.dir = parts.dir;
        this.cluster = cluster;
        this.network = parts.network;
        this.disks = List.copyOf(parts.disks);
        this.shims = List.copyOf(parts.shims);
        this.poweroff = parts.poweroff;
        this.missing = new EnumMap<>(parts.missing);
        Runtime.getRuntime().addShutdownHook(lastResort);
    }

    /**
     * Makes everything and starts no broker.
     *
     * @param dir a directory for this alone: what lies there is deleted
     * @param portOffset added to the ports where there is no network of their own
     * @param loopback true: no network of their own, whatever the machine allows
     */
    static Testbed make(Path dir, int portOffset, boolean loopback) {
        Builder parts = new Builder(dir.toAbsolutePath());
        try {
            return parts.build(portOffset, loopback);
        } catch (RuntimeException | Error e) {
            parts.takeAway();
            throw e;
        }
    }

    /** The parts while they are being made: what cannot be made is noted, and the rest goes on. */
    private static final class Builder {
        private final Path dir;
        private @Nullable NamespaceNetwork network;
        private @Nullable Path poweroff;
        private final List<LoopDisk> disks = new ArrayList<>();
        private final List<Shim> shims = new ArrayList<>();
        private final Map<Need, String> missing = new EnumMap<>(Need.class);

        Builder(Path dir) {
            this.dir = dir;
        }

        Testbed build(int portOffset, boolean loopback) {
            LoopDisk.removeLeftovers(dir);
            WorkDirectory.empty(dir);
            if (loopback) {
                missing.put(Need.NETWORK, "no network namespaces: --loopback was given");
            } else {
                attempt(Need.NETWORK, "no network namespaces", () -> network = NamespaceNetwork.make(NODES));
            }
            attempt(Need.DISK, "no file systems in files", this::makeDisks);
            attempt(Need.SHIM, "no library between broker and system", this::makeShims);
            attempt(Need.POWER, "no way to stop a file system", () -> poweroff = NativeTools.poweroff(dir));
            if (disks.isEmpty()) {
                missing.put(Need.POWER, String.valueOf(missing.get(Need.DISK)));
            }
            return new Testbed(this, cluster(portOffset));
        }

        private void attempt(Need need, String without, Runnable make) {
            try {
                make.run();
            } catch (HostCommandException e) {
                missing.put(need, without + ": " + e.getMessage());
            }
        }

        private void makeDisks() {
            try {
                for (int node = 1; node <= NODES; node++) {
                    disks.add(LoopDisk.make(dir.resolve("disk-" + node + ".img"), dir.resolve("disk-" + node)));
                }
            } catch (HostCommandException e) {
                disks.forEach(LoopDisk::close);
                disks.clear();
                throw e;
            }
        }

        private void makeShims() {
            Path library = NativeTools.shim(dir);
            for (int node = 1; node <= NODES; node++) {
                shims.add(new Shim(library, dir.resolve("control-" + node)));
            }
        }

        private ClusterFixture cluster(int portOffset) {
            NamespaceNetwork own = network;
            ClusterFixture.Builder builder = ClusterFixture.named("chaos").dir(dir.resolve("cluster"));
            builder.set("storage.disk_check_interval", "100ms");
            if (own == null) {
                builder.ports(node -> ports(portOffset, node));
            } else {
                // nobody from outside reaches these addresses
                builder.hosts(own::address).ports(node -> ports(0, node)).set("insecure", "true");
            }
            ClusterFixture cluster = builder.build();
            for (BrokerProcess broker : cluster.brokers()) {
                int index = broker.node() - 1;
                List<String> launcher = new ArrayList<>();
                if (own != null) {
                    launcher.addAll(own.launcher(broker.node()));
                }
                if (!shims.isEmpty()) {
                    launcher.addAll(shims.get(index).launcher());
                }
                broker.launcher(launcher);
                if (!disks.isEmpty()) {
                    broker.set(
                            "data_dir",
                            disks.get(index).mountPoint().resolve("data").toString());
                }
            }
            return cluster;
        }

        private static BrokerPorts ports(int offset, int node) {
            return new BrokerPorts(
                    9091 + node + offset,
                    8000 + node + offset,
                    8200 + node + offset,
                    8100 + node + offset,
                    8080 + node + offset);
        }

        void takeAway() {
            disks.forEach(LoopDisk::close);
            if (network != null) {
                network.close();
            }
        }
    }

    Path dir() {
        return dir;
    }

    ClusterFixture cluster() {
        return cluster;
    }

    BrokerProcess broker(int node) {
        return cluster.node(node);
    }

    /** Why a kind of fault cannot be injected here; empty where it can. */
    Optional<String> unavailable(FaultKind kind) {
        return kind.need().map(missing::get);
    }

    /** Each thing that could not be made, and why. */
    Map<Need, String> missing() {
        return new EnumMap<>(missing);
    }

    /** @throws IllegalStateException where there is none */
    NamespaceNetwork network() {
        if (network == null) {
            throw new IllegalStateException(String.valueOf(missing.get(Need.NETWORK)));
        }
        return network;
    }

    LoopDisk disk(int node) {
        return disks.get(node - 1);
    }

    Shim shim(int node) {
        return shims.get(node - 1);
    }

    /** The negative control: what is there is safe, what brokers sync from now on is not. */
    void stopSyncing() {
        disks.forEach(disk -> HostCommand.run("sync", "-f", disk.mountPoint().toString()));
        shims.forEach(shim -> shim.skipSyncs(true));
    }

    boolean canLosePower() {
        return !missing.containsKey(Need.POWER);
    }

    /** The machines of these nodes lose power at one moment. Their disks can be mounted again: {@link #powerOn}. */
    void powerOff(List<Integer> nodes) {
        List<String> command = new ArrayList<>(List.of(String.valueOf(poweroff)));
        nodes.forEach(node -> command.add(disk(node).mountPoint().toString()));
        HostCommand.run(command.toArray(String[]::new));
        List<BrokerProcess> running =
                nodes.stream().map(cluster::node).filter(BrokerProcess::alive).toList();
        running.forEach(BrokerProcess::killNow);
        running.forEach(BrokerProcess::awaitExit);
    }

    /** Mounts the disks and starts the brokers. */
    void powerOn(List<Integer> nodes) {
        nodes.forEach(node -> disk(node).remount());
        nodes.forEach(node -> broker(node).start());
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException e) {
            return; // the virtual machine ends already, and does it
        }
        takeAway();
    }

    /** Keeps the files where {@link #keepData} was called. */
    private synchronized void takeAway() {
        if (closed) {
            return;
        }
        closed = true;
        disks.forEach(disk -> {
            try {
                disk.thaw(); // a process that waits for a frozen disk cannot be ended
            } catch (HostCommandException e) {
                System.err.println(e.getMessage());
            }
        });
        cluster.close();
        disks.forEach(LoopDisk::close);
        if (network != null) {
            network.close();
        }
        if (!Boolean.getBoolean(DATA_KEPT)) {
            for (int node = 1; node <= NODES; node++) {
                DataFiles.deleteTree(dir.resolve("disk-" + node));
                dir.resolve("disk-" + node + ".img").toFile().delete();
            }
        }
    }

    /** What the brokers stored stays in the directory, to be looked at. */
    static void keepData() {
        System.setProperty(DATA_KEPT, "true");
    }
}
