package io.gq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.controller.topic.TopicConfig;
import io.gq.controller.topic.TopicSetting;
import io.gq.core.ByteSize;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in configs/ against the code. */
class BrokerYamlTest {

    private static final Path CONFIGS = Path.of("..", "configs");

    @Test
    void shouldListEveryOptionWithItsDefaultInBrokerYaml() {
        Map<String, String> inFile = new TreeMap<>();
        YamlSettings.read(CONFIGS.resolve("broker.yaml")).forEach((key, value) -> inFile.put(key, value.text()));
        Map<String, String> inCode = new TreeMap<>();
        defaults().forEach((key, setting) -> inCode.put(key, setting.value()));

        assertThat(inFile).isEqualTo(inCode);
    }

    @Test
    void shouldEqualTheDefaultsWhenBrokerYamlIsLoaded() {
        assertThat(load("broker.yaml")).isEqualTo(BrokerConfig.defaults());
    }

    @Test
    void shouldExplainEverySectionOfBrokerYaml() throws IOException {
        List<String> lines = Files.readAllLines(CONFIGS.resolve("broker.yaml"));
        List<String> unexplained = IntStream.range(1, lines.size())
                .filter(i -> lines.get(i).matches("[a-z_]+: .*"))
                .filter(i -> !lines.get(i - 1).startsWith("#"))
                .mapToObj(lines::get)
                .toList();

        assertThat(unexplained).isEmpty();
    }

    @Test
    void shouldBoundSegmentsOfTopicDefaultsAsThoseOfTopics() throws IOException {
        long max = TopicConfig.SEGMENT_BYTES_MAX;

        assertThat(loadWith("topics.segment_bytes=" + max).topics().segmentBytes())
                .isEqualTo(new ByteSize(max));
        assertThatThrownBy(() -> loadWith("topics.segment_bytes=" + (max + 1)))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("topics.segment_bytes");
        assertThat(Files.readString(CONFIGS.resolve("broker.yaml")))
                .contains("sealed at this size. At most " + new ByteSize(max) + ".");
    }

    @Test
    void shouldRefuseMoreEntriesInFlightThanRaftLetsIn() {
        assertThatThrownBy(() -> loadWith("append.entries_in_flight_max=64"))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("raft.pending_bytes_max")
                .hasMessageContaining("at least 68MB: append.entries_in_flight_max, 64,");
        assertThatThrownBy(() -> loadWith(
                        "append.entries_in_flight_max=1024", "append.entry_bytes_max=4KB", "max_message_size=4KB"))
                .hasMessageContaining("raft.pending_entries_max");
        assertThat(loadWith("append.entries_in_flight_max=64", "raft.pending_bytes_max=68MB")
                        .append()
                        .entriesInFlightMax())
                .isEqualTo(64);
    }

    @Test
    void shouldOfferTopicDefaultsThatTopicsTake() {
        for (TopicDefaults.CompressionType type : TopicDefaults.CompressionType.values()) {
            String word = type.name().toLowerCase(Locale.ROOT);
            assertThat(TopicSetting.COMPRESSION_TYPE.canonical(word)).isEqualTo(word);
        }
        assertThat(TopicSetting.COMPRESSION_TYPE.defaultValue())
                .isEqualToIgnoringCase(
                        BrokerConfig.defaults().topics().compressionType().name());
        assertThat(TopicConfig.DEFAULTS.segmentMs())
                .isEqualTo(BrokerConfig.defaults().topics().segmentAge().toMillis());
        assertThat(TopicConfig.DEFAULTS.timestampType())
                .isEqualTo(BrokerConfig.defaults().topics().timestampType());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldPlaceNodeNOnItsPortsWhenItsFileIsLoaded(int n) {
        BrokerConfig config = load("broker" + n + ".yaml");

        assertThat(config.nodeId().value()).isEqualTo(n);
        assertThat(config.listener("grpc").bind()).isEqualTo(new HostPort("127.0.0.1", 9091 + n));
        assertThat(config.listener("raft").bind()).isEqualTo(new HostPort("127.0.0.1", 8000 + n));
        assertThat(config.listener("controller").bind()).isEqualTo(new HostPort("127.0.0.1", 8100 + n));
        assertThat(config.listener("http").bind()).isEqualTo(new HostPort("127.0.0.1", 8080 + n));
        assertThat(config.controllers())
                .isEqualTo(load("broker1.yaml").controllers())
                .hasSize(3);
        assertThat(config.controllers().get(n - 1).address())
                .isEqualTo(config.listener("grpc").advertised());
        assertThat(config.dataDir()).isEqualTo(Path.of("data/broker" + n));
    }

    /** Guards the positional constructor calls of the option table: each key must land in the component of its name. */
    @Test
    void shouldHoldEachDefaultInTheComponentOfItsName() throws ReflectiveOperationException {
        BrokerConfig defaults = BrokerConfig.defaults();
        int checked = 0;
        for (EffectiveSetting setting : defaults().values()) {
            int dot = setting.key().indexOf('.');
            if (dot < 0 || setting.key().startsWith("listeners.")) {
                continue;
            }
            Object section = component(defaults, setting.key().substring(0, dot));
            Object value = component(section, setting.key().substring(dot + 1));
            String shown = value instanceof java.time.Duration d
                    ? Durations.format(d)
                    : value.toString().toLowerCase(Locale.ROOT);
            assertThat(shown).as(setting.key()).isEqualToIgnoringCase(setting.value());
            checked++;
        }
        assertThat(checked).isGreaterThan(50);
    }

    @Test
    void shouldHaveOneVariableForEachOption() {
        Map<String, String> keys = new LinkedHashMap<>();
        defaults()
                .keySet()
                .forEach(key -> assertThat(keys.put(ConfigLoader.variable(key), key))
                        .as(key)
                        .isNull());
        assertThat(keys).containsEntry("GQ_LISTENERS_GRPC_TLS_CERT_FILE", "listeners.grpc.tls.cert_file");
    }

    private static Object component(Object owner, String snakeCase) throws ReflectiveOperationException {
        for (RecordComponent c : owner.getClass().getRecordComponents()) {
            if (c.getName()
                    .replaceAll("([A-Z])", "_$1")
                    .toLowerCase(Locale.ROOT)
                    .equals(snakeCase)) {
                return c.getAccessor().invoke(owner);
            }
        }
        throw new AssertionError(owner.getClass() + " has no component for " + snakeCase);
    }

    private static Map<String, EffectiveSetting> defaults() {
        Settings settings = new Settings(Map.of());
        Options.bind(settings);
        return settings.asked();
    }

    private static BrokerConfig loadWith(String... assignments) {
        String[] flags = Arrays.stream(assignments)
                .flatMap(assignment -> Stream.of("--set", assignment))
                .toArray(String[]::new);
        return ConfigLoader.load(TestFlags.of(flags), Map.of()).config();
    }

    private static BrokerConfig load(String name) {
        BrokerFlags flags = TestFlags.of("--config", CONFIGS.resolve(name).toString());
        return ConfigLoader.load(flags, Map.of()).config();
    }
}
