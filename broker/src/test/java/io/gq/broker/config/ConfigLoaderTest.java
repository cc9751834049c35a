package io.gq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gq.core.BrokerException;
import io.gq.core.ByteSize;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {

    @TempDir
    Path dir;

    @Test
    void shouldUseDefaultsWhenNothingIsGiven() {
        ConfigLoader.Loaded loaded = ConfigLoader.load(flags(), Map.of());

        assertThat(loaded.config()).isEqualTo(BrokerConfig.defaults());
        assertThat(loaded.settings()).allMatch(s -> s.origin().equals("default"));
    }

    @Test
    void shouldLetFlagBeatEnvironmentBeatFileBeatDefault() throws IOException {
        Path file = file("""
                storage:
                  flusher_threads: 2
                  cleanup_interval: 2m
                  disk_reserve_bytes: 2GB
                rack: file
                """);
        Map<String, String> environment =
                Map.of("GQ_STORAGE_FLUSHER_THREADS", "3", "GQ_STORAGE_CLEANUP_INTERVAL", "3m", "HOME", "/root");

        ConfigLoader.Loaded loaded = ConfigLoader.load(
                flags("--config", file.toString(), "--set", "storage.flusher_threads=4", "--node-id", "7"),
                environment);

        assertThat(loaded.config().storage().flusherThreads()).isEqualTo(4);
        assertThat(loaded.config().storage().cleanupInterval()).isEqualTo(Duration.ofMinutes(3));
        assertThat(loaded.config().storage().diskReserveBytes()).isEqualTo(ByteSize.parse("2GB"));
        assertThat(loaded.config().rack()).isEqualTo("file");
        assertThat(loaded.config().nodeId()).isEqualTo(new NodeId(7));
        assertThat(origin(loaded, "storage.flusher_threads")).isEqualTo("flag --set");
        assertThat(origin(loaded, "storage.cleanup_interval")).isEqualTo("environment GQ_STORAGE_CLEANUP_INTERVAL");
        assertThat(origin(loaded, "storage.disk_reserve_bytes")).isEqualTo(file + ":4");
        assertThat(origin(loaded, "storage.disk_check_interval")).isEqualTo("default");
        assertThat(loaded.print()).contains("storage.flusher_threads").contains("# flag --set");
    }

    @Test
    void shouldReadTheFileNamedByTheEnvironmentWhenNoFlagNamesOne() throws IOException {
        Path file = file("rack: r7\n");

        assertThat(ConfigLoader.load(flags(), Map.of("GQ_CONFIG", file.toString()))
                        .config()
                        .rack())
                .isEqualTo("r7");
    }

    @Test
    void shouldNameTheNearestOptionWhenAKeyIsUnknown() throws IOException {
        Path file = file("""
                data_dri: /tmp/x
                storage:
                  flusher_thread: 2
                listeners:
                  - {name: grpc, bnd: "127.0.0.1:1"}
                zzzzzzzz: 1
                """);

        InvalidConfigException e = refused(flags("--config", file.toString()), Map.of("GQ_DATA_DRI", "x"));

        assertThat(problem(e, "data_dri"))
                .isEqualTo(new Problem(
                        "data_dri",
                        "/tmp/x",
                        "a known option; the nearest is data_dir; configs/broker.yaml lists them all",
                        file + ":1"));
        assertThat(problem(e, "storage.flusher_thread").expected()).contains("storage.flusher_threads");
        assertThat(problem(e, "storage.flusher_thread").origin()).isEqualTo(file + ":3");
        assertThat(problem(e, "listeners.grpc.bnd").expected()).contains("listeners.grpc.bind");
        assertThat(problem(e, "zzzzzzzz").expected()).contains("configs/broker.yaml");
        assertThat(problem(e, "GQ_DATA_DRI").expected()).contains("GQ_DATA_DIR");
        assertThat(e.problems()).hasSize(5);
    }

    @Test
    void shouldReportAllErrorsAtOnceWhenSeveralValuesAreWrong() throws IOException {
        Path file = file("""
                node_id: zero
                max_message_size: 2MB
                storage:
                  flusher_threads: 0
                  disk_check_interval: often
                logging:
                  level: loud
                cluster:
                  heartbeat_interval: 5s
                """);

        InvalidConfigException e = refused(
                flags("--config", file.toString(), "--set", "append.entry_bytes_max=3MB", "--set", "nonsense"),
                Map.of("GQ_FETCH_FOLLOWER_READS", "maybe"));

        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG);
        assertThat(e.problems().stream().map(Problem::key))
                .containsExactlyInAnyOrder(
                        "node_id",
                        "max_message_size",
                        "storage.flusher_threads",
                        "storage.disk_check_interval",
                        "logging.level",
                        "cluster.broker_session_timeout",
                        "append.entry_bytes_max",
                        "fetch.follower_reads",
                        "--set");
        assertThat(problem(e, "max_message_size"))
                .isEqualTo(new Problem("max_message_size", "2MB", "1KB to 1984KB", file + ":2"));
        assertThat(problem(e, "logging.level").expected()).isEqualTo("one of trace, debug, info, warn, error");
        assertThat(problem(e, "append.entry_bytes_max").origin()).isEqualTo("flag --set");
        assertThat(e)
                .hasMessageContaining("9 settings are wrong")
                .hasMessageContaining("storage.flusher_threads: 0 (expected");
    }

    @Test
    void shouldMergeListenersByNameWhenTheFileGivesOnlySomeFields() throws IOException {
        Path file = file("""
                insecure: true
                listeners:
                  - {name: grpc, bind: "0.0.0.0:9192", advertised: "broker-1.example:9192"}
                  - {name: local, bind: "[::1]:9193"}
                """);

        BrokerConfig config = ConfigLoader.load(
                        flags("--config", file.toString()), Map.of("GQ_LISTENERS_RAFT_BIND", "localhost:8801"))
                .config();

        assertThat(config.listener("grpc").bind()).isEqualTo(new HostPort("0.0.0.0", 9192));
        assertThat(config.listener("grpc").advertised()).isEqualTo(new HostPort("broker-1.example", 9192));
        assertThat(config.listener("local").advertised()).isEqualTo(new HostPort("::1", 9193));
        assertThat(config.listener("local").bind()).hasToString("[::1]:9193");
        assertThat(config.listener("raft").bind()).isEqualTo(new HostPort("localhost", 8801));
        assertThat(config.listener("http").bind()).isEqualTo(new HostPort("127.0.0.1", 8081));
        assertThat(config.grpcListeners().stream().map(Listener::name)).containsExactly("grpc", "local");
    }

    @Test
    void shouldRefuseAReachablePlaintextListenerUnlessInsecureIsSet() {
        InvalidConfigException e = refused(
                flags("--set", "listeners.grpc.bind=192.0.2.1:9092"), Map.of("GQ_LISTENERS_HTTP_BIND", "192.0.2.1:80"));

        assertThat(e.problems().stream().map(Problem::key))
                .containsExactlyInAnyOrder("listeners.grpc.bind", "listeners.http.bind");
        assertThat(problem(e, "listeners.grpc.bind").expected()).contains("insecure: true");
        assertThat(ConfigLoader.load(
                                flags("--set", "listeners.grpc.bind=192.0.2.1:9092", "--set", "insecure=true"),
                                Map.of())
                        .config()
                        .insecure())
                .isTrue();
    }

    @Test
    void shouldLetOutOnlyTheListenerThatSaysSoItself() {
        InvalidConfigException e = refused(
                flags("--set", "listeners.grpc.bind=192.0.2.1:9092"),
                Map.of("GQ_LISTENERS_HTTP_BIND", "192.0.2.1:80", "GQ_LISTENERS_HTTP_INSECURE", "true"));

        assertThat(e.problems().stream().map(Problem::key)).containsExactly("listeners.grpc.bind");
        assertThat(ConfigLoader.load(
                                flags("--set", "listeners.http.bind=192.0.2.1:80"),
                                Map.of("GQ_LISTENERS_HTTP_INSECURE", "true"))
                        .config()
                        .listener("http")
                        .insecure())
                .isTrue();
    }

    @Test
    void shouldAskForAllThatBrokersProveThemselvesByWhenRaftSpeaksTls() throws IOException {
        Path pem = Files.writeString(dir.resolve("raft.pem"), "-");
        String[] tls = {
            "--set",
            "listeners.raft.bind=192.0.2.1:8001",
            "--set",
            "listeners.raft.protocol=tls",
            "--set",
            "listeners.raft.tls.cert_file=" + pem,
            "--set",
            "listeners.raft.tls.key_file=" + pem
        };

        InvalidConfigException e = refused(flags(tls), Map.of("GQ_LISTENERS_RAFT_TLS_CLIENT_AUTH", "optional"));

        assertThat(e.problems().stream().map(Problem::key))
                .containsExactlyInAnyOrder(
                        "listeners.raft.tls.client_auth", "listeners.raft.tls.ca_file", "peer_identities");
        assertThat(ConfigLoader.load(
                                flags(tls),
                                Map.of(
                                        "GQ_LISTENERS_RAFT_TLS_CA_FILE",
                                        pem.toString(),
                                        "GQ_PEER_IDENTITIES",
                                        "broker1,broker2"))
                        .config()
                        .listener("raft")
                        .tls())
                .isPresent();
    }

    @Test
    void shouldRefuseListenersThatCannotWork() {
        InvalidConfigException e = refused(
                flags(
                        "--set", "insecure=true",
                        "--set", "listeners.grpc.bind=0.0.0.0:9092",
                        "--set", "listeners.raft.bind=127.0.0.1:8101",
                        "--set", "listeners.controller.protocol=tls",
                        "--set", "listeners.http.bind=::1",
                        "--set", "listeners.more.protocol=plaintext",
                        "--set", "listeners.other.bind=127.0.0.1:99999"),
                Map.of());

        assertThat(problem(e, "listeners.grpc.advertised").expected()).contains("wildcard");
        assertThat(problem(e, "listeners.controller.bind").expected()).contains("listener raft has not taken");
        assertThat(problem(e, "listeners.controller.protocol").expected()).contains("tls.cert_file");
        assertThat(problem(e, "listeners.http.bind").expected()).isEqualTo(HostPort.EXPECTED);
        assertThat(problem(e, "listeners.more.bind").origin()).isEqualTo("missing");
        assertThat(problem(e, "listeners.other.bind").value()).isEqualTo("127.0.0.1:99999");
    }

    @Test
    void shouldAskForPeerIdentitiesWhenGrpcSpeaksTls() throws IOException {
        Path pem = Files.writeString(dir.resolve("some.pem"), "-");
        String[] tls = {
            "--set", "listeners.grpc.protocol=tls",
            "--set", "listeners.grpc.tls.cert_file=" + pem,
            "--set", "listeners.grpc.tls.key_file=" + pem
        };

        assertThat(problem(refused(flags(tls), Map.of()), "peer_identities").expected())
                .contains("certificate names");
        assertThat(ConfigLoader.load(flags(tls), Map.of("GQ_PEER_IDENTITIES", "broker1,broker2"))
                        .config()
                        .peerIdentities())
                .containsExactly("broker1", "broker2");
        assertThat(problem(
                                refused(
                                        flags("--set", "listeners.grpc.tls.cert_file=" + dir.resolve("absent")),
                                        Map.of()),
                                "listeners.grpc.tls.cert_file")
                        .expected())
                .contains("PEM file");
    }

    @Test
    void shouldRefuseControllersThatAreNoListOfNodes() {
        assertThat(problem(refused(flags("--set", "controllers=127.0.0.1:9092"), Map.of()), "controllers")
                        .expected())
                .isEqualTo(ControllerAddress.EXPECTED);
        assertThat(problem(refused(flags("--set", "controllers=1@a:1,1@b:1"), Map.of()), "controllers")
                        .expected())
                .isEqualTo("each node once");
        assertThat(problem(refused(flags("--set", "controllers="), Map.of()), "controllers")
                        .expected())
                .isEqualTo("at least one");
        assertThat(ConfigLoader.load(flags("--set", "controllers=1@[::1]:9092, 2@b:9093"), Map.of())
                        .config()
                        .controllers())
                .containsExactly(
                        new ControllerAddress(new NodeId(1), new HostPort("::1", 9092)),
                        new ControllerAddress(new NodeId(2), new HostPort("b", 9093)));
    }

    @Test
    void shouldNameFileAndLineWhenTheFileIsNoMapOfSettings() throws IOException {
        assertRefusedFile("rack: [\n", "valid YAML");
        assertRefusedFile("- a\n- b\n", "a map of settings");
        assertRefusedFile("rack: a\nrack: b\n", "Duplicate");
        assertRefusedFile("controllers: [[1]]\n", "a list of plain values");
        assertRefusedFile("listeners:\n  - {bind: \"127.0.0.1:1\"}\n", "without name");
        assertThatThrownBy(() -> ConfigLoader.load(
                        flags("--config", dir.resolve("absent.yaml").toString()), Map.of()))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("absent.yaml (expected: a file that exists)");
    }

    private void assertRefusedFile(String text, String expected) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> ConfigLoader.load(flags("--config", file.toString()), Map.of()))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG))
                .hasMessageContaining(file.toString())
                .hasMessageContaining(expected);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(dir.resolve("broker.yaml"), text);
    }

    private static BrokerFlags flags(String... args) {
        return TestFlags.of(args);
    }

    private static InvalidConfigException refused(BrokerFlags flags, Map<String, String> environment) {
        InvalidConfigException e =
                catchThrowableOfType(InvalidConfigException.class, () -> ConfigLoader.load(flags, environment));
        assertThat(e).as("refusal").isNotNull();
        return e;
    }

    private static Problem problem(InvalidConfigException e, String key) {
        List<Problem> found =
                e.problems().stream().filter(p -> p.key().equals(key)).toList();
        assertThat(found).as("problems of %s in %s", key, e.problems()).hasSize(1);
        return found.get(0);
    }

    private static String origin(ConfigLoader.Loaded loaded, String key) {
        return loaded.settings().stream()
                .filter(s -> s.key().equals(key))
                .findFirst()
                .orElseThrow()
                .origin();
    }
}
