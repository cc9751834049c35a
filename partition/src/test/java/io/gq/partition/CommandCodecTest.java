package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.partition.CommandCodec.MalformedCommandException;
import io.gq.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandCodecTest {

    private static final PartitionCommand.Append APPEND = new PartitionCommand.Append(
            0x0102030405060708L,
            7,
            1000,
            1005,
            261,
            0xCAFEBABE,
            10_000,
            List.of(
                    new BatchDescriptor(100, 2, 50, -1, (short) -1, -1),
                    new BatchDescriptor(161, 3, 60, 9, (short) 2, 40)));
    private static final String APPEND_HEX = "0101" + "0102030405060708" + "0000000000000007" + "00000000000003e8"
            + "00000000000003ed" + "00000105" + "cafebabe" + "00002710" + "00000002"
            + "00000064" + "00000002" + "0000000000000032" + "00"
            + "000000a1" + "00000003" + "000000000000003c" + "01" + "0000000000000009" + "0002" + "00000028";

    private static final PartitionCommand.Trim TRIM = new PartitionCommand.Trim(5, 77, 3);
    private static final String TRIM_HEX = "0102" + "0000000000000005" + "000000000000004d" + "0000000000000003";

    @Test
    void shouldKeepTheBytesOfVersionOneForEver() throws Exception {
        assertThat(hex(CommandCodec.encode(APPEND))).isEqualTo(APPEND_HEX);
        assertThat(hex(CommandCodec.encode(TRIM))).isEqualTo(TRIM_HEX);
        assertThat(CommandCodec.decode(bytes(APPEND_HEX))).isEqualTo(APPEND);
        assertThat(CommandCodec.decode(bytes(TRIM_HEX))).isEqualTo(TRIM);
    }

    @Test
    void shouldCarryAPayload() throws Exception {
        byte[] payload = new byte[261];
        payload[0] = 7;
        payload[260] = 9;

        ByteBuffer encoded = CommandCodec.encode(APPEND.inline(ByteBuffer.wrap(payload)));

        assertThat(hex(encoded)).isEqualTo(inlineHex());
        PartitionCommand.Append decoded = (PartitionCommand.Append) CommandCodec.decode(encoded);
        assertThat(decoded).isEqualTo(APPEND.inline(ByteBuffer.wrap(payload)));
        assertThat(decoded.stored(1, 2).logged()).isEqualTo(ByteBuffer.wrap(payload));
        assertThat(encoded.position()).isZero();
    }

    private static String inlineHex() {
        return "0103" + APPEND_HEX.substring(4) + "07" + "00".repeat(259) + "09";
    }

    @Test
    void shouldRefuseEveryCutCommand() {
        for (String command : List.of(APPEND_HEX, TRIM_HEX, inlineHex())) {
            for (int length = 0; length < command.length(); length += 2) {
                String cut = command.substring(0, length);
                assertThatThrownBy(() -> CommandCodec.decode(bytes(cut))).isInstanceOf(MalformedCommandException.class);
            }
            assertThatThrownBy(() -> CommandCodec.decode(bytes(command + "01")))
                    .isInstanceOf(MalformedCommandException.class);
        }
    }

    @Test
    void shouldTellUnknownFromMalformed() {
        assertThatThrownBy(() -> CommandCodec.decode(bytes("0201")))
                .isInstanceOfSatisfying(
                        MalformedCommandException.class,
                        e -> assertThat(e.unknown()).isTrue());
        assertThatThrownBy(() -> CommandCodec.decode(bytes("0109")))
                .isInstanceOfSatisfying(
                        MalformedCommandException.class,
                        e -> assertThat(e.unknown()).isTrue());
        assertThatThrownBy(() -> CommandCodec.decode(bytes("0102")))
                .isInstanceOfSatisfying(
                        MalformedCommandException.class,
                        e -> assertThat(e.unknown()).isFalse());
    }

    @Test
    void shouldDecodeOrRefuseWhateverComes() {
        Seeds.check(2000, seeds -> {
            byte[] bytes =
                    HexFormat.of().parseHex(seeds.oneIn(3) ? inlineHex() : seeds.oneIn(2) ? APPEND_HEX : TRIM_HEX);
            for (int i = seeds.between(1, 4); i > 0; i--) {
                bytes[seeds.between(2, bytes.length - 1)] = (byte) seeds.between(0, 255);
            }
            try {
                PartitionCommand command = CommandCodec.decode(ByteBuffer.wrap(bytes));
                assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
            } catch (MalformedCommandException e) {
                assertThat(e).hasMessageContaining("command");
            }
        });
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }

    @Test
    void shouldReadTrimWhenItIsDrawnOutWithZeros() throws MalformedCommandException {
        ByteBuffer padded = CommandCodec.encodePadded(TRIM, 1000);

        assertThat(padded.remaining()).isEqualTo(1000);
        assertThat(CommandCodec.decode(padded)).isEqualTo(TRIM);
        assertThat(CommandCodec.encodePadded(TRIM, 0)).isEqualTo(CommandCodec.encode(TRIM));
    }

    @Test
    void shouldRefuseTrimWhenMoreThanZerosFollow() {
        ByteBuffer padded = CommandCodec.encodePadded(TRIM, 1000);
        padded.put(999, (byte) 1);

        assertThatThrownBy(() -> CommandCodec.decode(padded)).isInstanceOf(MalformedCommandException.class);
    }
}
