package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Typed reading of raw values. Remembers what was asked for (that is the list of known options) and what was wrong; a wrong value
 * reads as its default, so that the reading goes on and finds the rest.
 */
final class Settings {

    private final Map<String, RawValue> given;
    private final Map<String, EffectiveSetting> asked = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private boolean ignoreGiven;

    Settings(Map<String, RawValue> given) {
        this.given = Map.copyOf(given);
    }

    /** Every option asked for so far, in the order of asking. */
    Map<String, EffectiveSetting> asked() {
        return asked;
    }

    List<Problem> problems() {
        return problems;
    }

    /** Keys that were given, whether known or not. */
    Set<String> givenKeys() {
        return given.keySet();
    }

    /** Complains where no value was given for a key that has no default. */
    void require(String key, String expected) {
        if (!ignoreGiven && !given.containsKey(key)) {
            problems.add(new Problem(key, "", expected, "missing"));
        }
    }

    /**
     * Builds one record. Where its own checks refuse the values, their complaints are kept and it is built from the defaults.
     */
    <T> T section(Supplier<T> build) {
        try {
            return build.get();
        } catch (InvalidConfigException e) {
            if (ignoreGiven) {
                throw e;
            }
            e.problems().forEach(p -> problems.add(new Problem(p.key(), p.value(), p.expected(), origin(p.key()))));
            ignoreGiven = true;
            try {
                return build.get();
            } finally {
                ignoreGiven = false;
            }
        }
    }

    String text(String key, String byDefault) {
        return value(key, byDefault, Function.identity(), "text");
    }

    /** As {@link #text}; empty where the text is. */
    Optional<String> optionalText(String key) {
        return Optional.of(text(key, "")).filter(t -> !t.isEmpty());
    }

    int integer(String key, int byDefault) {
        return value(key, Integer.toString(byDefault), Integer::parseInt, "a whole number");
    }

    boolean flag(String key, boolean byDefault) {
        return value(key, Boolean.toString(byDefault), Settings::parseFlag, "true or false");
    }

    Duration duration(String key, String byDefault) {
        return value(key, byDefault, Durations::parse, Durations.EXPECTED);
    }

    ByteSize size(String key, String byDefault) {
        return value(key, byDefault, ByteSize::parse, "a whole number of bytes, with a unit if any: KB, MB, GB or TB");
    }

    <E extends Enum<E>> E choice(String key, E byDefault) {
        Class<E> type = byDefault.getDeclaringClass();
        String names = String.join(
                ", ",
                Arrays.stream(type.getEnumConstants()).map(Settings::lower).toList());
        return value(key, lower(byDefault), t -> parseChoice(type, t), "one of " + names);
    }

    /** Items stand between commas. */
    <T> List<T> list(String key, String byDefault, Function<String, T> item, String expected) {
        return value(
                key,
                byDefault,
                text -> Arrays.stream(text.split(",", -1))
                        .map(String::trim)
                        .filter(t -> !t.isEmpty())
                        .map(item)
                        .toList(),
                expected);
    }

    /** @param parser throws IllegalArgumentException where the text does not fit */
    <T> T value(String key, String byDefault, Function<String, T> parser, String expected) {
        RawValue raw = ignoreGiven ? null : given.get(key);
        asked.putIfAbsent(
                key,
                raw == null
                        ? new EffectiveSetting(key, byDefault, "default")
                        : new EffectiveSetting(key, raw.text(), raw.origin()));
        if (raw == null) {
            return parser.apply(byDefault);
        }
        try {
            return parser.apply(raw.text().trim());
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(key, raw.text(), expected, raw.origin()));
            return parser.apply(byDefault);
        }
    }

    private String origin(String key) {
        EffectiveSetting setting = asked.get(key);
        return setting == null ? "" : setting.origin();
    }

    private static boolean parseFlag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static <E extends Enum<E>> E parseChoice(Class<E> type, String text) {
        return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
