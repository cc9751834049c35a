package io.gq.broker.config;

import io.gq.controller.topic.TopicConfig;
import io.gq.core.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The table of all options: key, type and default, each once. {@code configs/broker.yaml} says the same with words; a test holds
 * the two together.
 */
final class Options {

    /** Standard listeners of node 1; node n adds n - 1 to each port. */
    private static final Map<String, String> LISTENERS = standardListeners();

    private Options() {}

    static BrokerConfig bind(Settings s) {
        return s.section(() -> new BrokerConfig(
                s.text("cluster_name", ""),
                s.value("node_id", "1", text -> new NodeId(Integer.parseInt(text)), "a whole number from 1 on"),
                s.text("rack", ""),
                s.value("data_dir", "data/broker1", Options::path, "a directory"),
                s.optionalText("log_dir").map(Path::of),
                s.list("controllers", "1@127.0.0.1:9092", ControllerAddress::parse, ControllerAddress.EXPECTED),
                s.flag("insecure", false),
                s.list("peer_identities", "", Function.identity(), "a list of certificate names"),
                s.size("max_message_size", "1MB"),
                listeners(s),
                s.section(() -> new ServerConfig(
                        s.integer("server.connections_max", 10_000),
                        s.integer("server.calls_per_connection_max", 256),
                        s.size("server.header_bytes_max", "8KB"),
                        s.duration("server.connection_idle_timeout", "30m"),
                        s.duration("server.keepalive_interval", "30s"),
                        s.duration("server.keepalive_timeout", "10s"),
                        s.duration("server.keepalive_min", "5s"),
                        s.duration("server.handshake_timeout", "5s"),
                        s.integer("server.executor_threads", 4))),
                s.section(() -> new ProduceConfig(
                        s.duration("produce.timeout", "30s"),
                        s.duration("produce.timeout_max", "10m"),
                        s.size("produce.connection_bytes_max", "16MB"),
                        s.size("produce.partition_bytes_max", "32MB"),
                        s.size("produce.process_bytes_max", "128MB"))),
                s.section(() -> new FetchConfig(
                        s.duration("fetch.wait_max", "30s"),
                        s.size("fetch.response_bytes_max", "8MB"),
                        s.size("fetch.partition_bytes_max", "4MB"),
                        s.integer("fetch.partitions_max", 1000),
                        s.size("fetch.connection_bytes_max", "32MB"),
                        s.size("fetch.process_bytes_max", "128MB"),
                        s.flag("fetch.follower_reads", true))),
                s.section(() -> new AppendConfig(
                        s.size("append.entry_bytes_max", "1MB"),
                        s.size("append.entry_bytes_min", "512KB"),
                        s.integer("append.entry_batches_max", 4096),
                        s.integer("append.entries_in_flight_max", 8),
                        s.size("append.inline_bytes_max", "1KB"),
                        s.size("append.queue_bytes_max", "32MB"))),
                s.section(() -> new StorageConfig(
                        s.size("storage.preallocate_bytes", "4MB"),
                        s.integer("storage.syncs_max", 4),
                        s.integer("storage.flusher_threads", 4),
                        s.size("storage.write_cache_bytes", "16MB"),
                        s.size("storage.read_cache_bytes", "24MB"),
                        s.duration("storage.cleanup_interval", "1m"),
                        s.size("storage.stored_bytes_max", "0"),
                        s.size("storage.disk_reserve_bytes", "512MB"),
                        s.duration("storage.disk_check_interval", "1s"))),
                s.section(() ->
                        new ScrubConfig(s.size("scrub.bytes_per_second", "2MB"), s.duration("scrub.interval", "7d"))),
                s.section(() -> new RaftSettings(
                        s.duration("raft.election_timeout_min", "2s"),
                        s.duration("raft.election_timeout_max", "4s"),
                        s.duration("raft.controller_election_timeout_min", "2s"),
                        s.duration("raft.controller_election_timeout_max", "4s"),
                        s.duration("raft.request_timeout", "1s"),
                        s.duration("raft.catch_up_timeout", "30s"),
                        s.integer("raft.snapshot_entries", 2_000),
                        s.integer("raft.log_entries_kept", 20_000),
                        s.size("raft.log_segment_bytes", "64KB"),
                        s.integer("raft.controller_snapshot_entries", 2_000),
                        s.integer("raft.pending_entries_max", 1024),
                        s.size("raft.pending_bytes_max", "32MB"))),
                s.section(() -> new ClusterConfig(
                        s.duration("cluster.heartbeat_interval", "500ms"),
                        s.duration("cluster.broker_session_timeout", "6s"),
                        s.duration("cluster.request_timeout", "10s"))),
                s.section(() -> new MeshConfig(
                        s.duration("mesh.beacon_interval", "50ms"),
                        s.duration("mesh.silence", "250ms"),
                        s.duration("mesh.silence_max", "1s"),
                        s.duration("mesh.disk_stall", "1500ms"),
                        s.duration("mesh.election_stagger", "300ms"),
                        s.integer("mesh.elections_max", 16))),
                s.section(() -> new BalanceConfig(
                        s.flag("balance.enabled", true),
                        s.duration("balance.delay", "10s"),
                        s.duration("balance.interval", "1s"),
                        s.integer("balance.moves_max", 2))),
                s.section(() -> new ProducersConfig(
                        s.integer("producers.count_max", 10_000),
                        s.duration("producers.expiry", "7d"),
                        s.integer("producers.id_block", 1000))),
                s.section(() -> new TopicDefaults(
                        s.integer("topics.partitions", 1),
                        s.integer("topics.replicas", 3),
                        s.integer("topics.partitions_max", 1000),
                        s.duration("topics.retention", "7d"),
                        s.size("topics.retention_bytes", "0"),
                        s.size("topics.segment_bytes", "256MB"),
                        s.duration("topics.segment_age", "7d"),
                        s.choice("topics.timestamp_type", TopicConfig.TimestampType.CREATE),
                        s.choice("topics.compression_type", TopicDefaults.CompressionType.PRODUCER))),
                s.section(() -> new HttpConfig(
                        s.flag("http.enabled", true),
                        s.flag("http.metrics_enabled", true),
                        s.text("http.metrics_path", "/metrics"))),
                s.section(() -> new LoggingConfig(
                        s.choice("logging.level", LoggingConfig.Level.INFO),
                        s.choice("logging.format", LoggingConfig.Format.TEXT),
                        s.size("logging.file_bytes_max", "64MB"),
                        s.integer("logging.files_max", 10),
                        s.duration("logging.age_max", "14d"),
                        s.flag("logging.compress", true))),
                s.section(() -> new ShutdownConfig(
                        s.duration("shutdown.timeout", "30s"), s.duration("shutdown.transfer_timeout", "10s")))));
    }

    private static List<Listener> listeners(Settings s) {
        Map<String, String> names = new LinkedHashMap<>(LISTENERS);
        for (String key : s.givenKeys()) {
            ListenerKey.parse(key).ifPresent(k -> names.putIfAbsent(k.listener(), ""));
        }
        List<Listener> listeners = new ArrayList<>();
        names.forEach(
                (name, bind) -> listeners.add(s.section(() -> listener(s, "listeners." + name + ".", name, bind))));
        return listeners;
    }

    private static Listener listener(Settings s, String prefix, String name, String byDefault) {
        // a further listener has no default address: port 0 of loopback stands in where none was given, which is then
        // reported
        HostPort bind = s.value(
                prefix + "bind", byDefault.isEmpty() ? "127.0.0.1:0" : byDefault, HostPort::parse, HostPort.EXPECTED);
        if (byDefault.isEmpty()) {
            s.require(prefix + "bind", HostPort.EXPECTED);
        }
        Optional<HostPort> advertised = s.value(
                prefix + "advertised",
                "",
                t -> t.isEmpty() ? Optional.<HostPort>empty() : Optional.of(HostPort.parse(t)),
                HostPort.EXPECTED);
        Listener.Protocol protocol = s.choice(prefix + "protocol", Listener.Protocol.PLAINTEXT);
        boolean insecure = s.flag(prefix + "insecure", false);
        Optional<Path> cert = file(s, prefix + "tls.cert_file");
        Optional<Path> key = file(s, prefix + "tls.key_file");
        Optional<Path> ca = file(s, prefix + "tls.ca_file");
        ListenerTls.ClientAuth clientAuth = s.choice(prefix + "tls.client_auth", ListenerTls.ClientAuth.REQUIRED);
        Optional<ListenerTls> tls = cert.isEmpty() || key.isEmpty()
                ? Optional.empty()
                : Optional.of(new ListenerTls(cert.get(), key.get(), ca, clientAuth));
        return new Listener(name, bind, advertised.orElse(bind), protocol, tls, insecure);
    }

    private static Optional<Path> file(Settings s, String key) {
        return s.value(
                key,
                "",
                text -> {
                    if (!text.isEmpty() && !Files.isReadable(Path.of(text))) {
                        throw new IllegalArgumentException(text);
                    }
                    return Optional.of(text).filter(t -> !t.isEmpty()).map(Path::of);
                },
                "a PEM file the broker can read");
    }

    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("path: ''");
        }
        return Path.of(text);
    }

    private static Map<String, String> standardListeners() {
        Map<String, String> listeners = new LinkedHashMap<>();
        listeners.put(Listener.GRPC, "127.0.0.1:9092");
        listeners.put(Listener.RAFT, "127.0.0.1:8001");
        listeners.put(Listener.RAFT_REPLICATED, "127.0.0.1:8201");
        listeners.put(Listener.CONTROLLER, "127.0.0.1:8101");
        listeners.put(Listener.HTTP, "127.0.0.1:8081");
        return listeners;
    }
}
