package io.gq.broker.config;

import io.gq.core.ByteSize;
import io.gq.core.NodeId;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All settings of one node. What they mean stands in {@code configs/broker.yaml}; their names and defaults stand in {@link
 * Options}.
 *
 * @param clusterName a label on metrics and log lines; may be empty
 * @param rack where the node stands, so that replicas are spread; may be empty
 * @param logDir where the broker's log file goes; standard output where absent
 * @param controllers the nodes that vote in the controller group
 * @param insecure allows plaintext listeners that other machines can reach, all of them; a listener has the same for itself
 * @param peerIdentities common names of the certificates of the cluster's brokers; only they may call what brokers call
 * @param maxMessageSize the largest record batch taken, with its header
 */
public record BrokerConfig(
        String clusterName,
        NodeId nodeId,
        String rack,
        Path dataDir,
        Optional<Path> logDir,
        List<ControllerAddress> controllers,
        boolean insecure,
        List<String> peerIdentities,
        ByteSize maxMessageSize,
        List<Listener> listeners,
        ServerConfig server,
        ProduceConfig produce,
        FetchConfig fetch,
        AppendConfig append,
        StorageConfig storage,
        ScrubConfig scrub,
        RaftSettings raft,
        ClusterConfig cluster,
        MeshConfig mesh,
        BalanceConfig balance,
        ProducersConfig producers,
        TopicDefaults topics,
        HttpConfig http,
        LoggingConfig logging,
        ShutdownConfig shutdown) {

    public BrokerConfig {
        controllers = List.copyOf(controllers);
        peerIdentities = List.copyOf(peerIdentities);
        listeners = List.copyOf(listeners);
        Checks checks = new Checks("");
        checks.that(!controllers.isEmpty(), "controllers", controllers, "at least one");
        checks.that(
                controllers.stream().map(ControllerAddress::node).distinct().count() == controllers.size(),
                "controllers",
                controllers,
                "each node once");
        checks.range("max_message_size", maxMessageSize, new ByteSize(1 << 10), AppendConfig.PAYLOAD_LIMIT);
        checkBudgets(checks, maxMessageSize, produce, append);
        checkPending(checks, maxMessageSize, append, raft);
        checkListeners(checks, listeners, insecure, peerIdentities);
        checks.done();
    }

    /** The defaults of every option. */
    public static BrokerConfig defaults() {
        return Options.bind(new Settings(Map.of()));
    }

    /** The listener of that name; one of the five standard names is always there. */
    public Listener listener(String name) {
        return listeners.stream()
                .filter(l -> l.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("listener: " + name + " (expected: a configured one)"));
    }

    /** The listeners that serve gRPC; brokers use the first one among each other. */
    public List<Listener> grpcListeners() {
        return listeners.stream().filter(Listener::grpc).toList();
    }

    private static void checkBudgets(Checks checks, ByteSize message, ProduceConfig produce, AppendConfig append) {
        Map.of(
                        "produce.connection_bytes_max", produce.connectionBytesMax(),
                        "produce.partition_bytes_max", produce.partitionBytesMax(),
                        "produce.process_bytes_max", produce.processBytesMax(),
                        "append.queue_bytes_max", append.queueBytesMax())
                .forEach((key, bytes) -> checks.that(
                        bytes.bytes() >= message.bytes(), key, bytes, "at least max_message_size: " + message));
    }

    /** All that the leader of a partition may have under way at a time has to be let in by Raft. */
    private static void checkPending(Checks checks, ByteSize message, AppendConfig append, RaftSettings raft) {
        long entryBytes = Math.max(append.entryBytesMax().bytes(), message.bytes()) + AppendConfig.ENTRY_HEADER_BYTES;
        ByteSize needed = new ByteSize(append.entriesInFlightMax() * entryBytes);
        checks.that(
                raft.pendingBytesMax().bytes() >= needed.bytes(),
                "raft.pending_bytes_max",
                raft.pendingBytesMax(),
                "at least " + needed + ": append.entries_in_flight_max, " + append.entriesInFlightMax()
                        + ", times the largest entry with its header");
        checks.that(
                raft.pendingEntriesMax() > append.entriesInFlightMax(),
                "raft.pending_entries_max",
                raft.pendingEntriesMax(),
                "above append.entries_in_flight_max: " + append.entriesInFlightMax());
    }

    private static void checkListeners(
            Checks checks, List<Listener> listeners, boolean insecure, List<String> peerIdentities) {
        Set<String> names = new HashSet<>();
        Map<HostPort, String> bound = new HashMap<>();
        for (Listener l : listeners) {
            String prefix = "listeners." + l.name() + ".";
            checks.that(names.add(l.name()), prefix + "name", l.name(), "each name once");
            String other = l.bind().port() == 0 ? null : bound.putIfAbsent(l.bind(), l.name());
            checks.that(
                    other == null, prefix + "bind", l.bind(), "an address that listener " + other + " has not taken");
            checks.that(
                    insecure
                            || l.insecure()
                            || l.protocol() == Listener.Protocol.TLS
                            || l.bind().loopback(),
                    prefix + "bind",
                    l.bind(),
                    "a loopback address, or protocol: tls, or insecure: true of this listener to let anyone on the network in"
                            + " unencrypted");
            checkPeers(checks, l, peerIdentities);
        }
        for (String name : List.of(Listener.RAFT, Listener.RAFT_REPLICATED, Listener.CONTROLLER, Listener.HTTP)) {
            checks.that(names.contains(name), "listeners", names, "one named " + name);
        }
        Optional<Listener> grpc = listeners.stream().filter(Listener::grpc).findFirst();
        checks.that(grpc.isPresent(), "listeners", names, "at least one for gRPC");
        if (grpc.isPresent() && grpc.get().tls().isPresent()) {
            checkIdentities(checks, grpc.get(), peerIdentities);
            checks.that(
                    grpc.get().tls().get().clientAuth() != ListenerTls.ClientAuth.NONE,
                    "listeners." + grpc.get().name() + ".tls.client_auth",
                    grpc.get().tls().get().clientAuth(),
                    "optional or required, because brokers show their certificate there");
        }
    }

    /** Where Raft speaks TLS nobody but the brokers may connect: each shows a certificate of theirs, from an authority of theirs. */
    private static void checkPeers(Checks checks, Listener l, List<String> peerIdentities) {
        if (!l.raft() || l.tls().isEmpty()) {
            return;
        }
        ListenerTls tls = l.tls().get();
        String prefix = "listeners." + l.name() + ".tls.";
        checks.that(
                tls.clientAuth() == ListenerTls.ClientAuth.REQUIRED,
                prefix + "client_auth",
                tls.clientAuth(),
                "required, because brokers prove themselves to each other there");
        checks.that(
                tls.caFile().isPresent(),
                prefix + "ca_file",
                "",
                "the authority that signs the brokers' certificates, because brokers prove themselves to each other there");
        checkIdentities(checks, l, peerIdentities);
    }

    private static void checkIdentities(Checks checks, Listener l, List<String> peerIdentities) {
        checks.that(
                !peerIdentities.isEmpty(),
                "peer_identities",
                peerIdentities,
                "the certificate names of the brokers, because listener " + l.name() + " speaks tls");
    }
}
