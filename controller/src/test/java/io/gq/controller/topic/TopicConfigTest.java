package io.gq.controller.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;

import io.gq.controller.topic.TopicConfig.Durability;
import io.gq.controller.topic.TopicConfig.TimestampType;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TopicConfigTest {

    @Test
    void shouldHaveTheDocumentedDefaults() {
        assertThat(TopicConfig.DEFAULTS)
                .isEqualTo(new TopicConfig(
                        7L * 24 * 3600 * 1000,
                        TopicConfig.UNLIMITED,
                        256L << 20,
                        7L * 24 * 3600 * 1000,
                        1 << 20,
                        TimestampType.CREATE,
                        "producer",
                        Durability.FSYNC));
        assertThat(TopicConfig.of(Map.of())).isEqualTo(TopicConfig.DEFAULTS);
    }

    @ParameterizedTest
    @EnumSource
    void shouldAcceptItsOwnDefaultAndDescribeItself(TopicSetting setting) {
        assertThat(setting.canonical(setting.defaultValue())).isEqualTo(setting.defaultValue());
        assertThat(TopicConfig.DEFAULTS.values()).containsEntry(setting.key(), setting.defaultValue());
        assertThat(TopicSetting.named(setting.key())).isSameAs(setting);
        assertThat(setting.description()).isNotBlank();
        assertThat(setting.expected()).isNotBlank();
        assertThat(setting.unit())
                .isEqualTo(
                        setting.key().endsWith("_ms")
                                ? "ms"
                                : setting.expected().contains("bytes") ? "bytes" : "");
        assertThat(TopicSetting.all()).contains(setting);
    }

    @ParameterizedTest
    @CsvSource({
        "retention_ms, 7d, 604800000",
        "retention_ms, -1, -1",
        "retention_ms, 90 s, 90000",
        "retention_ms, 2H, 7200000",
        "segment_ms, 5m, 300000",
        "segment_ms, 20ms, 20",
        "retention_bytes, -1, -1",
        "retention_bytes, 10GB, 10737418240",
        "segment_bytes, 64KB, 65536",
        "max_message_size, 2031616, 2031616",
        "timestamp_type, APPEND, append",
        "compression_type, zstd, zstd",
        "durability, fsync, fsync",
        "durability, Replicated, replicated"
    })
    void shouldStoreOneSpellingOfAValue(String key, String written, String stored) {
        assertThat(TopicConfig.canonical(Map.of(key, written))).containsExactly(Map.entry(key, stored));
    }

    @ParameterizedTest
    @CsvSource({
        "retention_ms, -2",
        "retention_ms, 0",
        "retention_ms, ''",
        "retention_ms, soon",
        "retention_ms, 999999999999999999d",
        "retention_bytes, 0",
        "retention_bytes, 1.5GB",
        "segment_bytes, 65535",
        "segment_bytes, 2GB",
        "segment_bytes, -1",
        "segment_bytes, 99999999999999999999",
        "segment_ms, -1",
        "max_message_size, 2031617",
        "max_message_size, 2MB",
        "max_message_size, 1023",
        "timestamp_type, never",
        "compression_type, rar",
        "durability, none"
    })
    void shouldRefuseAValueOutOfBounds(String key, String value) {
        assertInvalid(() -> TopicConfig.of(Map.of(key, value)), key + ": '" + value + "' (expected: ");
    }

    @Test
    void shouldSayWhatIsExpected() {
        assertInvalid(
                () -> TopicConfig.of(Map.of("durability", "memory")),
                "durability: 'memory' (expected: one of fsync, replicated)");
        assertInvalid(
                () -> TopicConfig.of(Map.of("timestamp_type", "x")),
                "timestamp_type: 'x' (expected: one of create, append)");
        assertInvalid(
                () -> TopicConfig.of(Map.of("segment_bytes", "1")),
                "segment_bytes: '1' (expected: 65536 to 1073741824 bytes, or with a unit KB, MB, GB or TB)");
    }

    @Test
    void shouldNameTheNearestSettingWhenOneIsUnknown() {
        assertInvalid(
                () -> TopicConfig.of(Map.of("retention.ms", "1")),
                "topic setting: 'retention.ms' is unknown (expected: perhaps retention_ms; one of retention_ms, ");
    }

    @Test
    void shouldLayTheTopicsSettingsOverTheClustersDefaults() {
        TopicConfig cluster = TopicConfig.of(Map.of("retention_ms", "1h", "segment_bytes", "1MB"));

        TopicConfig topic = TopicConfig.of(Map.of("segment_bytes", "64KB", "timestamp_type", "append"), cluster);

        assertThat(topic.retentionMs()).isEqualTo(3_600_000);
        assertThat(topic.segmentBytes()).isEqualTo(64 << 10);
        assertThat(topic.timestampType()).isEqualTo(TimestampType.APPEND);
        assertThat(TopicConfig.of(topic.values())).isEqualTo(topic);
    }

    @Test
    void shouldPassOverStoredSettingsOfANewerVersion() {
        TopicConfig config = TopicConfig.inForce(
                Map.of("retention_ms", "5", "from_the_future", "1", "durability", "quantum"), TopicConfig.DEFAULTS);

        assertThat(config.retentionMs()).isEqualTo(5);
        assertThat(config.durability()).isEqualTo(Durability.FSYNC);
    }

    @Test
    void shouldLeaveRoomForHeadersBelowRatisLimit() {
        assertThat(TopicConfig.MESSAGE_BYTES_MAX).isLessThan(2 << 20).isGreaterThan(1 << 20);
    }

    private static void assertInvalid(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .asInstanceOf(throwable(BrokerException.class))
                .extracting(BrokerException::code)
                .isEqualTo(ErrorCode.INVALID_CONFIG);
    }
}
