package io.gq.broker.config;

import io.gq.core.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts the settings together: defaults, then the file, then the environment, then flags; the later wins. Everything wrong is
 * reported at once. An option has one name in three spellings: {@code storage.flusher_threads} in the file and in {@code --set},
 * {@code GQ_STORAGE_FLUSHER_THREADS} in the environment.
 */
public final class ConfigLoader {

    private static final String PREFIX = "GQ_";

    /** Variables of that prefix which are no settings: those of the launcher, the tools and the scripts. */
    private static final Set<String> NOT_SETTINGS =
            Set.of("GQ_CONFIG", "GQ_HEAP", "GQ_JAVA_OPTS", "GQ_BOOTSTRAP", "GQ_TLS_CA", "GQ_TLS_CERT", "GQ_TLS_KEY");

    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, String> keysByVariable = new HashMap<>();
    private final Set<String> known;

    private ConfigLoader() {
        Settings defaults = new Settings(Map.of());
        Options.bind(defaults);
        known = defaults.asked().keySet();
        known.forEach(key -> keysByVariable.put(variable(key), key));
    }

    /**
     * @param settings every option in the order of the table, with its value and origin
     */
    public record Loaded(BrokerConfig config, List<EffectiveSetting> settings) {

        public Loaded {
            settings = List.copyOf(settings);
        }

        /** One line an option: key, value, origin. */
        public String print() {
            StringBuilder text = new StringBuilder();
            for (EffectiveSetting s : settings) {
                text.append(String.format(Locale.ROOT, "%-40s %-28s # %s%n", s.key(), quoted(s.value()), s.origin()));
            }
            return text.toString();
        }

        private static String quoted(String value) {
            return value.isEmpty() ? "''" : value;
        }
    }

    /**
     * @param environment of the process
     * @throws InvalidConfigException with everything that is wrong
     * @throws io.gq.core.BrokerException with INVALID_CONFIG where the file is no readable YAML
     */
    public static Loaded load(BrokerFlags flags, Map<String, String> environment) {
        return new ConfigLoader().merge(flags, environment);
    }

    /** The environment variable of an option. */
    public static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    private Loaded merge(BrokerFlags flags, Map<String, String> environment) {
        Map<String, RawValue> given = new LinkedHashMap<>();
        Optional<Path> file = flags.config()
                .or(() -> Optional.ofNullable(environment.get("GQ_CONFIG"))
                        .filter(f -> !f.isEmpty())
                        .map(Path::of));
        file.ifPresent(f -> given.putAll(YamlSettings.read(f)));
        given.putAll(fromEnvironment(environment));
        given.putAll(fromFlags(flags));

        Settings settings = new Settings(given);
        BrokerConfig config = Options.bind(settings);
        given.forEach((key, value) -> {
            if (!settings.asked().containsKey(key)) {
                problems.add(unknown(key, value, known));
            }
        });
        problems.addAll(settings.problems());
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(List.copyOf(new LinkedHashSet<>(problems)));
        }
        return new Loaded(config, List.copyOf(settings.asked().values()));
    }

    private Map<String, RawValue> fromEnvironment(Map<String, String> environment) {
        Map<String, RawValue> values = new LinkedHashMap<>();
        new TreeMap<>(environment).forEach((name, value) -> {
            if (!name.startsWith(PREFIX) || NOT_SETTINGS.contains(name)) {
                return;
            }
            RawValue raw = new RawValue(value, "environment " + name);
            String key = keysByVariable.get(name);
            if (key != null) {
                values.put(key, raw);
                return;
            }
            ListenerKey.parseEnvironment(name.substring(PREFIX.length()))
                    .ifPresentOrElse(
                            k -> values.put(k.key(), raw),
                            () -> problems.add(unknown(name, raw, keysByVariable.keySet())));
        });
        return values;
    }

    private Map<String, RawValue> fromFlags(BrokerFlags flags) {
        Map<String, RawValue> values = new LinkedHashMap<>();
        for (String assignment : flags.set()) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                problems.add(new Problem("--set", assignment, "key=value", "flag"));
            } else {
                values.put(
                        assignment.substring(0, equals).trim(),
                        new RawValue(assignment.substring(equals + 1), "flag --set"));
            }
        }
        flags.nodeId().ifPresent(id -> values.put("node_id", new RawValue(id, "flag --node-id")));
        flags.dataDir().ifPresent(dir -> values.put("data_dir", new RawValue(dir, "flag --data-dir")));
        return values;
    }

    private static Problem unknown(String name, RawValue value, Collection<String> known) {
        String expected = "a known option; the nearest is "
                + NearestName.of(name, known).orElse("none") + "; configs/broker.yaml lists them all";
        return new Problem(name, value.text(), expected, value.origin());
    }
}
