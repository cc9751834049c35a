package io.gq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TypesTest {

    @ParameterizedTest
    @CsvSource({"500ms,500", "6s,6000", "10m,600000", "24h,86400000", "7d,604800000", "0s,0", "90s,90000"})
    void shouldReadDurationsWithUnits(String text, long ms) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(ms));
        assertThat(Durations.parse(Durations.format(Durations.parse(text)))).isEqualTo(Duration.ofMillis(ms));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "-1s", "1.5s", "1 week", "999999999999999d"})
    void shouldRefuseDurationsOfAnotherForm(String text) {
        assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", "host:", ":9092", "::1:9092", "[::1]", "host:-1", "host:65536", "ho st:1", "host:x"})
    void shouldRefuseAddressesOfAnotherForm(String text) {
        assertThatThrownBy(() -> HostPort.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: " + HostPort.EXPECTED);
    }

    @Test
    void shouldTellLoopbackAndWildcardFromOtherAddresses() {
        assertThat(HostPort.parse("127.0.0.1:1").loopback()).isTrue();
        assertThat(HostPort.parse("[::1]:1").loopback()).isTrue();
        assertThat(HostPort.parse("192.0.2.1:1").loopback()).isFalse();
        assertThat(HostPort.parse("0.0.0.0:1").wildcard()).isTrue();
        assertThat(HostPort.parse("[::]:1").wildcard()).isTrue();
        assertThat(HostPort.parse("0.0.0.0:1").loopback()).isFalse();
        assertThat(HostPort.parse("127.0.0.1:1").wildcard()).isFalse();
    }
}
