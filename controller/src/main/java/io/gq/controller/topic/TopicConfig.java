package io.gq.controller.topic;

import io.gq.core.BrokerException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The settings of a topic in force: what the topic sets itself over what the cluster's defaults say. Meaning and bounds of each are
 * in {@link TopicSetting}.
 *
 * @param retentionMs {@link #UNLIMITED}: keep for ever
 * @param retentionBytes of one partition; {@link #UNLIMITED}: no limit
 * @param segmentBytes size at which a segment is closed
 * @param segmentMs age of its first record at which a segment is closed
 * @param maxMessageSize bytes of the largest record batch taken
 * @param compressionType a hint to producers: producer, none, gzip, snappy, lz4 or zstd
 */
public record TopicConfig(
        long retentionMs,
        long retentionBytes,
        long segmentBytes,
        long segmentMs,
        int maxMessageSize,
        TimestampType timestampType,
        String compressionType,
        Durability durability) {

    public static final long UNLIMITED = -1;

    /** Small enough that a test can watch retention act. */
    public static final long SEGMENT_BYTES_MIN = 64 << 10;

    /** Positions in a segment are 32 bits. */
    public static final long SEGMENT_BYTES_MAX = 1 << 30;

    /** An entry with its header must fit into Ratis' append limit of 2 MiB; 64 KiB are left for headers. */
    public static final int MESSAGE_BYTES_MAX = (2 << 20) - (64 << 10);

    /** What holds where neither the topic nor the cluster says anything. */
    public static final TopicConfig DEFAULTS = merge(new EnumMap<>(TopicSetting.class));

    /** Whose time the records carry. */
    public enum TimestampType {
        CREATE,
        APPEND
    }

    /** What an acknowledgement promises. */
    public enum Durability {
        /** The record has been fsynced by a majority of the replicas. */
        FSYNC,
        /** It is in the page cache of a majority: the end of a process loses nothing, a power loss of the majority at once may. */
        REPLICATED
    }

    /**
     * The settings of a topic that sets the given ones, over {@link #DEFAULTS}.
     *
     * @throws BrokerException with INVALID_CONFIG for an unknown name (it names the nearest known one) or a value out of bounds
     */
    public static TopicConfig of(Map<String, String> set) {
        return of(set, DEFAULTS);
    }

    /** As {@link #of(Map)}, over the cluster's own defaults. */
    public static TopicConfig of(Map<String, String> set, TopicConfig defaults) {
        Map<TopicSetting, String> values = new EnumMap<>(TopicSetting.class);
        defaults.values().forEach((key, value) -> values.put(TopicSetting.named(key), value));
        canonical(set).forEach((key, value) -> values.put(TopicSetting.named(key), value));
        return merge(values);
    }

    /**
     * As {@link #of(Map, TopicConfig)} for settings read from the cluster image: what this version does not understand (a newer
     * one stored it) is passed over, so that a broker is never stopped by a setting.
     */
    public static TopicConfig inForce(Map<String, String> stored, TopicConfig defaults) {
        Map<String, String> understood = new TreeMap<>();
        stored.forEach((key, value) -> {
            try {
                understood.put(key, TopicSetting.named(key).canonical(value));
            } catch (BrokerException e) {
                // the default stands
            }
        });
        return of(understood, defaults);
    }

    /**
     * The same settings, checked, each value in its one stored spelling.
     *
     * @throws BrokerException with INVALID_CONFIG
     */
    public static SortedMap<String, String> canonical(Map<String, String> set) {
        SortedMap<String, String> canonical = new TreeMap<>();
        new TreeMap<>(set)
                .forEach((key, value) ->
                        canonical.put(key, TopicSetting.named(key).canonical(value)));
        return canonical;
    }

    /** Every setting as text, in canonical form and documented order. */
    public Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        for (TopicSetting setting : TopicSetting.values()) {
            values.put(setting.key(), value(setting));
        }
        return values;
    }

    private String value(TopicSetting setting) {
        return switch (setting) {
            case RETENTION_MS -> Long.toString(retentionMs);
            case RETENTION_BYTES -> Long.toString(retentionBytes);
            case SEGMENT_BYTES -> Long.toString(segmentBytes);
            case SEGMENT_MS -> Long.toString(segmentMs);
            case MAX_MESSAGE_SIZE -> Integer.toString(maxMessageSize);
            case TIMESTAMP_TYPE -> timestampType.name().toLowerCase(Locale.ROOT);
            case COMPRESSION_TYPE -> compressionType;
            case DURABILITY -> durability.name().toLowerCase(Locale.ROOT);
        };
    }

    private static TopicConfig merge(Map<TopicSetting, String> values) {
        return new TopicConfig(
                number(values, TopicSetting.RETENTION_MS),
                number(values, TopicSetting.RETENTION_BYTES),
                number(values, TopicSetting.SEGMENT_BYTES),
                number(values, TopicSetting.SEGMENT_MS),
                Math.toIntExact(number(values, TopicSetting.MAX_MESSAGE_SIZE)),
                TimestampType.valueOf(word(values, TopicSetting.TIMESTAMP_TYPE).toUpperCase(Locale.ROOT)),
                word(values, TopicSetting.COMPRESSION_TYPE),
                Durability.valueOf(word(values, TopicSetting.DURABILITY).toUpperCase(Locale.ROOT)));
    }

    private static long number(Map<TopicSetting, String> values, TopicSetting setting) {
        return Long.parseLong(word(values, setting));
    }

    private static String word(Map<TopicSetting, String> values, TopicSetting setting) {
        return values.getOrDefault(setting, setting.defaultValue());
    }
}
