package io.gq.controller.topic;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The settings a topic has: name, unit, default, allowed values and meaning of each. */
public enum TopicSetting {
    RETENTION_MS(
            "retention_ms",
            "604800000",
            new SettingValues.Millis(1, Long.MAX_VALUE, true),
            "records older than this are removed, a segment at a time; -1: never"),
    RETENTION_BYTES(
            "retention_bytes",
            "-1",
            new SettingValues.Bytes(1, Long.MAX_VALUE, true),
            "a partition that holds more loses its oldest segments; -1: no limit"),
    SEGMENT_BYTES(
            "segment_bytes",
            "268435456",
            new SettingValues.Bytes(TopicConfig.SEGMENT_BYTES_MIN, TopicConfig.SEGMENT_BYTES_MAX, false),
            "a segment is closed before it grows beyond this"),
    SEGMENT_MS(
            "segment_ms",
            "604800000",
            new SettingValues.Millis(1, Long.MAX_VALUE, false),
            "a segment is closed when its first record is older than this"),
    MAX_MESSAGE_SIZE(
            "max_message_size",
            "1048576",
            new SettingValues.Bytes(1024, TopicConfig.MESSAGE_BYTES_MAX, false),
            "the largest record batch, compressed as it is sent, that a producer may append"),
    TIMESTAMP_TYPE(
            "timestamp_type",
            "create",
            new SettingValues.OneOf(List.of("create", "append")),
            "whether records carry their producer's time or the time they were appended"),
    COMPRESSION_TYPE(
            "compression_type",
            "producer",
            new SettingValues.OneOf(List.of("producer", "none", "gzip", "snappy", "lz4", "zstd")),
            "the compression producers are asked to use; the broker itself never recompresses. producer: their own choice"),
    DURABILITY(
            "durability",
            "fsync",
            new SettingValues.OneOf(List.of("fsync", "replicated")),
            "what acknowledged means. fsync: on the disks of a majority. replicated: in the page cache of a majority, written to disk soon"
                    + " after. Fixed when the topic is created");

    private final String key;
    private final String defaultValue;

    @SuppressWarnings("ImmutableEnumChecker") // all of them are records of numbers and unmodifiable lists
    private final SettingValues values;

    private final String description;

    TopicSetting(String key, String defaultValue, SettingValues values, String description) {
        this.key = key;
        this.defaultValue = defaultValue;
        this.values = values;
        this.description = description;
    }

    /** The name people write. */
    public String key() {
        return key;
    }

    /** In canonical form. */
    public String defaultValue() {
        return defaultValue;
    }

    /** ms, bytes, or empty for a word. */
    public String unit() {
        return values.unit();
    }

    /** The allowed values in words. */
    public String expected() {
        return values.expected();
    }

    public String description() {
        return description;
    }

    /**
     * The one spelling of a value that is stored: 7d becomes 604800000.
     *
     * @throws BrokerException with INVALID_CONFIG where the value is not allowed
     */
    public String canonical(String value) {
        try {
            return values.canonical(value);
        } catch (IllegalArgumentException e) {
            throw new BrokerException(
                    ErrorCode.INVALID_CONFIG, key + ": '" + value + "' (expected: " + values.expected() + ")", e);
        }
    }

    /**
     * The setting of that name.
     *
     * @throws BrokerException with INVALID_CONFIG that names the nearest known one
     */
    public static TopicSetting named(String key) {
        List<String> known = new ArrayList<>();
        for (TopicSetting setting : values()) {
            if (setting.key.equals(key)) {
                return setting;
            }
            known.add(setting.key);
        }
        throw new BrokerException(
                ErrorCode.INVALID_CONFIG,
                "topic setting: '" + key + "' is unknown (expected: "
                        + NearestName.of(key, known)
                                .map(nearest -> "perhaps " + nearest + "; ")
                                .orElse("")
                        + "one of " + String.join(", ", known) + ")");
    }

    /** All of them, in the order they are documented. */
    public static List<TopicSetting> all() {
        return Arrays.asList(values());
    }
}
