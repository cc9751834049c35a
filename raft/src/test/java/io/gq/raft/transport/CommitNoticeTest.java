package io.gq.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What servers of another version see of it. */
final class CommitNoticeTest {

    private static final List<CommitNotice> TWO = List.of(
            new CommitNotice(new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L), 3, 258, 2),
            new CommitNotice(new UUID(1, 2), 4, 5, 4));
    private static final String BYTES = "0102030405060708" + "090a0b0c0d0e0f10" + "0000000000000003"
            + "0000000000000102"
            + "0000000000000002" + "0000000000000001" + "0000000000000002" + "0000000000000004" + "0000000000000005"
            + "0000000000000004";

    @Test
    void shouldKeepItsBytes() throws IOException {
        assertThat(HexFormat.of().formatHex(CommitNotice.encode(TWO))).isEqualTo(BYTES);
        assertThat(CommitNotice.decode(HexFormat.of().parseHex(BYTES))).isEqualTo(TWO);
        ByteBuf frame = Frame.of(UnpooledByteBufAllocator.DEFAULT, Frame.COMMITS, Frame.NO_CALL, new byte[] {7});
        assertThat(ByteBufUtil.hexDump(frame)).isEqualTo("0000000a" + "06" + "ffffffffffffffff" + "07");
        ByteBuf features = Frame.features(UnpooledByteBufAllocator.DEFAULT);
        assertThat(ByteBufUtil.hexDump(features)).isEqualTo("0000000a" + "42" + "ffffffffffffffff" + "01");
        frame.release();
        features.release();
    }

    @Test
    void shouldRefuseAPieceOfOne() {
        assertThatThrownBy(() -> CommitNotice.decode(new byte[CommitNotice.BYTES + 1]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("commit notices: 41 bytes (expected: a multiple of 40)");
    }
}
