package io.gq.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A network namespace for each node, joined by a bridge on which the clients' side has an address too. A link from one node to
 * another is cut by giving the first a wrong hardware address for the second: its packets vanish silently, as on a broken
 * network, and the other direction stays as it is. Needs root and {@code ip}; names carry this process' id. Safe for
 * several threads.
 */
final class NamespaceNetwork implements AutoCloseable {

    /** The clients, as one end of a link; nodes are counted from 1 on. */
    static final int CLIENTS = 0;

    private static final String PREFIX = "gqc";
    private static final String NOBODY = "02:00:00:00:00:fe";

    private final int nodes;
    private final String id;
    private final String bridge;
    private final String subnet;
    private final Map<List<Integer>, Integer> cuts = new HashMap<>();

    private NamespaceNetwork(int nodes, String id, String subnet) {
        this.nodes = nodes;
        this.id = id;
        this.bridge = id + "b";
        this.subnet = subnet;
    }

    /** @throws HostCommandException where the machine does not permit it; nothing is left behind then */
    static NamespaceNetwork make(int nodes) {
        removeLeftovers();
        NamespaceNetwork network =
                new NamespaceNetwork(nodes, PREFIX + ProcessHandle.current().pid(), freeSubnet());
        try {
            network.make();
            return network;
        } catch (HostCommandException e) {
            network.close();
            throw e;
        }
    }

    private void make() {
        HostCommand.run("ip", "link", "add", bridge, "type", "bridge");
        HostCommand.run("ip", "link", "set", bridge, "up");
        HostCommand.run("ip", "addr", "add", address(CLIENTS) + "/24", "dev", bridge);
        for (int node = 1; node <= nodes; node++) {
            String space = space(node);
            HostCommand.run("ip", "netns", "add", space);
            HostCommand.run("ip", "link", "add", port(node), "type", "veth", "peer", "name", "eth0", "netns", space);
            HostCommand.run("ip", "link", "set", port(node), "master", bridge, "up");
            HostCommand.run("ip", "-n", space, "addr", "add", address(node) + "/24", "dev", "eth0");
            HostCommand.run("ip", "-n", space, "link", "set", "eth0", "up");
            HostCommand.run("ip", "-n", space, "link", "set", "lo", "up");
        }
    }

    String address(int node) {
        return subnet + (node == CLIENTS ? 254 : node);
    }

    /** Words that put a program into the network of a node. */
    List<String> launcher(int node) {
        return List.of("nsenter", "--net=/run/netns/" + space(node), "--");
    }

    private String space(int node) {
        return id + "-" + node;
    }

    /** The bridge's end of a node's cable. */
    private String port(int node) {
        return id + "v" + node;
    }

    /** What {@code from} sends to {@code to} is lost, until {@link #join} was called as often as this. */
    synchronized void cut(int from, int to) {
        if (cuts.merge(List.of(from, to), 1, Integer::sum) == 1) {
            neighbour(from, "replace", address(to), "lladdr", NOBODY, "nud", "permanent");
        }
    }

    synchronized void join(int from, int to) {
        if (cuts.merge(List.of(from, to), -1, Integer::sum) == 0) {
            neighbour(from, "del", address(to));
        }
    }

    void cutBothWays(int a, int b) {
        cut(a, b);
        cut(b, a);
    }

    void joinBothWays(int a, int b) {
        join(a, b);
        join(b, a);
    }

    private void neighbour(int from, String action, String address, String... rest) {
        List<String> command = new ArrayList<>(List.of("ip"));
        if (from != CLIENTS) {
            command.addAll(List.of("-n", space(from)));
        }
        command.addAll(List.of("neigh", action, address, "dev", from == CLIENTS ? bridge : "eth0"));
        command.addAll(List.of(rest));
        HostCommand.run(command.toArray(String[]::new));
    }

    /**
     * Slows a node's cable down in both directions: with delay and loss where the kernel can, else by bandwidth and a long queue.
     *
     * @return what was done
     */
    String slow(int node) {
        String[] netem = {"netem", "delay", "100ms", "40ms", "loss", "2%"};
        String[] bucket = {"tbf", "rate", "1mbit", "burst", "16kb", "latency", "400ms"};
        String[] shape = HostCommand.attempt(queue("add", node, netem)).exit() == 0 ? netem : bucket;
        if (shape == bucket) {
            HostCommand.run(queue("add", node, bucket));
        }
        HostCommand.run(queueInside("add", node, shape));
        return String.join(" ", shape);
    }

    void unslow(int node) {
        HostCommand.attempt(queue("del", node));
        HostCommand.attempt(queueInside("del", node));
    }

    private String[] queue(String action, int node, String... shape) {
        return words(List.of("tc", "qdisc", action, "dev", port(node), "root"), shape);
    }

    private String[] queueInside(String action, int node, String... shape) {
        return words(List.of("tc", "-n", space(node), "qdisc", action, "dev", "eth0", "root"), shape);
    }

    private static String[] words(List<String> first, String... rest) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(rest));
        return all.toArray(String[]::new);
    }

    /** No link is cut or slow any more. */
    synchronized void heal() {
        cuts.forEach((link, count) -> {
            if (count > 0) {
                neighbour(link.get(0), "del", address(link.get(1)));
            }
        });
        cuts.clear();
        for (int node = 1; node <= nodes; node++) {
            unslow(node);
        }
    }

    /** Takes everything away again. Processes in the namespaces have to be ended before. */
    @Override
    public synchronized void close() {
        for (int node = 1; node <= nodes; node++) {
            HostCommand.attempt("ip", "netns", "del", space(node));
            HostCommand.attempt("ip", "link", "del", port(node));
        }
        HostCommand.attempt("ip", "link", "del", bridge);
    }

    /** Ends and removes what runs of this program left behind that were killed themselves. */
    private static void removeLeftovers() {
        TreeSet<String> dead = new TreeSet<>();
        for (String line :
                HostCommand.attempt("ip", "netns", "list").output().lines().toList()) {
            String space = line.split(" ", 2)[0];
            if (space.matches(PREFIX + "\\d+-\\d+") && !alive(space)) {
                HostCommand.attempt("ip", "netns", "pids", space)
                        .output()
                        .lines()
                        .filter(pid -> pid.matches("\\d+"))
                        .forEach(
                                pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly));
                HostCommand.attempt("ip", "netns", "del", space);
                dead.add(space.substring(0, space.indexOf('-')));
            }
        }
        dead.forEach(owner -> HostCommand.attempt("ip", "link", "del", owner + "b"));
    }

    private static boolean alive(String space) {
        long pid = Long.parseLong(space.substring(PREFIX.length(), space.indexOf('-')));
        return ProcessHandle.of(pid).isPresent();
    }

    private static String freeSubnet() {
        String taken = HostCommand.run("ip", "-o", "addr") + HostCommand.run("ip", "route");
        for (int third = 1; third < 255; third++) {
            String subnet = "10.99." + third + ".";
            if (!taken.contains(subnet)) {
                return subnet;
            }
        }
        throw new HostCommandException("10.99.0.0/16: no free subnet (expected: one of 254)");
    }
}
