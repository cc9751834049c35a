package io.gq.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512B, 512",
        "64KB, 65536",
        "64 KiB, 65536",
        "1mb, 1048576",
        "2GB, 2147483648",
        "1TiB, 1099511627776"
    })
    void shouldReadByteSizes(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "KB", "-1", "1.5MB", "1PB", "1 K", "99999999999999999999", "9999999999GB"})
    void shouldRefuseWhatIsNoByteSize(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void shouldReadTheByteSizeItPrints() {
        for (long bytes : new long[] {0, 1, 1023, 1024, 1536, 1 << 20, 3L << 30, 5L << 40, Long.MAX_VALUE}) {
            assertThat(ByteSize.parse(new ByteSize(bytes).toString()).bytes()).isEqualTo(bytes);
        }
        assertThat(new ByteSize(3L << 30)).hasToString("3GB");
        assertThat(new ByteSize(1536)).hasToString("1536");
        assertThat(new ByteSize(7).toIntExact()).isEqualTo(7);
        assertThatThrownBy(() -> new ByteSize(1L << 31).toIntExact()).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void shouldAcceptTopicNames() {
        for (String name : new String[] {"a", "A.b_c-9", "...", "x".repeat(249)}) {
            assertThat(TopicName.check(name)).isEqualTo(name);
        }
    }

    @Test
    void shouldRefuseWhatIsNoTopicName() {
        for (String name : new String[] {"", ".", "..", "a b", "a/b", "ä", "a\n", "x".repeat(250)}) {
            assertThatThrownBy(() -> TopicName.check(name))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("topic name")
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.INVALID_TOPIC);
        }
    }

    @Test
    void shouldReadThePeerIdItPrints() {
        PeerId peer = new PeerId(new NodeId(12), "00ff00ff00ff00ff");

        assertThat(peer).hasToString("12-00ff00ff00ff00ff");
        assertThat(PeerId.parse(peer.toString())).isEqualTo(peer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "12",
                "-00ff00ff00ff00ff",
                "x-00ff00ff00ff00ff",
                "0-00ff00ff00ff00ff",
                "1-00FF00ff00ff00ff",
                "1-00ff"
            })
    void shouldRefuseWhatIsNoPeerId(String text) {
        assertThatThrownBy(() -> PeerId.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldGiveEachErrorItsOwnNumber() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::number)).doesNotHaveDuplicates();
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(code.number()).isBetween(1000, 1999);
            assertThat(code.label()).isEqualTo("GQ-" + code.number());
            assertThat(code.hint()).isNotBlank().doesNotEndWith(".");
            assertThat(code.retriable()).isEqualTo(code.kind() == ErrorCode.Kind.RETRIABLE);
            assertThat(ErrorCode.named(code.name())).contains(code);
        }
        assertThat(ErrorCode.named("NO_SUCH_CODE")).isEmpty();
    }

    /** Numbers are quoted in logs and kept by clients: one that changes breaks them. */
    @Test
    void shouldKeepTheNumbersOfErrors() {
        assertThat(ErrorCode.NOT_LEADER.number()).isEqualTo(1000);
        assertThat(ErrorCode.TIMEOUT.number()).isEqualTo(1007);
        assertThat(ErrorCode.UNKNOWN_TOPIC.number()).isEqualTo(1100);
        assertThat(ErrorCode.MESSAGE_TOO_LARGE.number()).isEqualTo(1206);
        assertThat(ErrorCode.CORRUPT_BATCH.number()).isEqualTo(1207);
        assertThat(ErrorCode.OUT_OF_ORDER_SEQUENCE.number()).isEqualTo(1300);
        assertThat(ErrorCode.DISK_FULL.number()).isEqualTo(1400);
        assertThat(ErrorCode.INTERNAL.number()).isEqualTo(1900);
    }

    @Test
    void shouldSayCodeAndMessageWhenABrokerExceptionIsPrinted() {
        BrokerException e = new BrokerException(ErrorCode.DISK_FULL, "free: 1 (expected: >= 2)");

        assertThat(e).hasToString("GQ-1400 DISK_FULL: free: 1 (expected: >= 2)");
    }

    @Test
    void shouldCheckAndOrderIdentities() {
        UUID uuid = new UUID(1, 2);
        assertThat(GroupId.parse(uuid.toString())).isEqualTo(new GroupId(uuid)).hasToString(uuid.toString());
        assertThat(new TopicId(uuid)).hasToString(uuid.toString());
        assertThat(new NodeId(2)).isLessThan(new NodeId(10));
        assertThatThrownBy(() -> new NodeId(0)).hasMessageContaining("nodeId: 0");
        assertThat(new TopicPartition("a", 9))
                .isLessThan(new TopicPartition("b", 0))
                .hasToString("a-9");
        assertThat(new TopicPartition("a", 2)).isLessThan(new TopicPartition("a", 10));
        assertThatThrownBy(() -> new TopicPartition("a", -1)).hasMessageContaining("partition: -1");
    }

    @Test
    void shouldThrowWhenAnInvariantIsBroken() {
        Invariant.check(true, "never said");
        assertThatThrownBy(() -> Invariant.check(false, "applied %d <= committed %d", 3, 2))
                .isInstanceOf(Invariant.Violation.class)
                .hasMessage("invariant broken: applied 3 <= committed 2");
    }
}
