package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with the values of one record, so that all of it is reported at once. */
final class Checks {

    private final String section;
    private final List<Problem> problems = new ArrayList<>();

    /** @param section prefix of every key checked, e.g. "server."; may be empty */
    Checks(String section) {
        this.section = section;
    }

    Checks that(boolean ok, String key, Object value, String expected) {
        if (!ok) {
            problems.add(new Problem(section + key, value.toString(), expected, ""));
        }
        return this;
    }

    /** Both limits inclusive. */
    Checks range(String key, long value, long min, long max) {
        return that(value >= min && value <= max, key, value, min + " to " + max);
    }

    /** Both limits inclusive. */
    Checks range(String key, Duration value, Duration min, Duration max) {
        return that(
                value.compareTo(min) >= 0 && value.compareTo(max) <= 0,
                key,
                Durations.format(value),
                Durations.format(min) + " to " + Durations.format(max));
    }

    /** Both limits inclusive. */
    Checks range(String key, ByteSize value, ByteSize min, ByteSize max) {
        return that(value.bytes() >= min.bytes() && value.bytes() <= max.bytes(), key, value, min + " to " + max);
    }

    Checks range(String key, Duration value, String min, String max) {
        return range(key, value, Durations.parse(min), Durations.parse(max));
    }

    Checks range(String key, ByteSize value, String min, String max) {
        return range(key, value, ByteSize.parse(min), ByteSize.parse(max));
    }

    /** @throws InvalidConfigException where anything failed */
    void done() {
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
    }
}
