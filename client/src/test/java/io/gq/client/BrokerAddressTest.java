package io.gq.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:9092", "broker-1.example:65535", "[::1]:1"})
    void shouldReadWhatItWrites(String text) {
        assertThat(BrokerAddress.parse(text)).hasToString(text);
    }

    @Test
    void shouldTakeBracketsOffIpv6() {
        assertThat(BrokerAddress.parse(" [fe80::1]:9092 ")).isEqualTo(new BrokerAddress("fe80::1", 9092));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", "host:", ":1", "host:0", "host:65536", "host:x", "::1:9092", "[]:1"})
    void shouldNameTheFormWhenTextHasAnother(String text) {
        assertThatThrownBy(() -> BrokerAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' (expected: host:port");
    }

    @Test
    void shouldSkipEmptyItemsOfAListButNotAnEmptyList() {
        assertThat(BrokerAddress.parseList("a:1,, b:2,"))
                .containsExactly(new BrokerAddress("a", 1), new BrokerAddress("b", 2));
        assertThatThrownBy(() -> BrokerAddress.parseList(" , ")).hasMessageContaining("bootstrap");
    }
}
