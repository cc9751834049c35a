package io.gq.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.ratis.proto.RaftProtos.StateMachineEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/** What arrives is what was sent, wherever the network cuts it. */
final class FrameReaderTest {

    private static final List<Integer> SIZES = List.of(0, 1, 2, 12, 13, 14, 127, 128, 5_000, 0, 70_000, 300_000);

    private record Read(byte kind, long call, ByteString body) {}

    private final List<Read> read = new ArrayList<>();
    private int hellos;

    private EmbeddedChannel channel() {
        return new EmbeddedChannel(new FrameReader() {
            @Override
            void onHello(ChannelHandlerContext context) {
                hellos++;
            }

            @Override
            void onFrame(byte kind, long call, byte[] body) {
                read.add(new Read(kind, call, ByteString.copyFrom(body)));
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                context.fireExceptionCaught(cause);
            }
        });
    }

    @Test
    void shouldGiveWholeFramesWhenTheyAreCutAnywhere() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<StateMachineEntryProto> sent = new ArrayList<>();
        ByteBuf stream = Unpooled.buffer().writeBytes(Frame.hello());
        for (int i = 0; i < SIZES.size(); i++) {
            byte[] data = new byte[SIZES.get(i)];
            random.nextBytes(data);
            StateMachineEntryProto message = StateMachineEntryProto.newBuilder()
                    .setStateMachineData(ByteString.copyFrom(data))
                    .build();
            sent.add(message);
            ByteBuf frame = Frame.encode(ByteBufAllocator.DEFAULT, Frame.APPEND, i - 3, message);
            stream.writeBytes(frame);
            assertThat(frame.release()).isTrue();
        }

        for (int cutMax : List.of(1, 7, 1_000, 200_000, Integer.MAX_VALUE)) {
            read.clear();
            EmbeddedChannel channel = channel();
            for (int at = 0; at < stream.writerIndex(); ) {
                int most = Math.min(cutMax, stream.writerIndex() - at);
                int count = 1 + random.nextInt(most);
                channel.writeInbound(stream.copy(at, count));
                at += count;
            }

            assertThat(read).as("cuts <= %d, seed %d", cutMax, seed).hasSameSizeAs(sent);
            for (int i = 0; i < sent.size(); i++) {
                assertThat(read.get(i).kind()).isEqualTo(Frame.APPEND);
                assertThat(read.get(i).call()).isEqualTo(i - 3);
                byte[] body = read.get(i).body().toByteArray();
                assertThat(Frame.decode(StateMachineEntryProto.parser(), body)).isEqualTo(sent.get(i));
            }
        }
        assertThat(hellos).isEqualTo(5);
    }

    @Test
    void shouldKeepNoFrameInMemoryForAPartOfIt() throws IOException {
        StateMachineEntryProto sent = StateMachineEntryProto.newBuilder()
                .setStateMachineData(ByteString.copyFromUtf8("payload"))
                .build();
        byte[] body = sent.toByteArray();

        StateMachineEntryProto read = Frame.decode(StateMachineEntryProto.parser(), body);
        java.util.Arrays.fill(body, (byte) 0);

        assertThat(read).isEqualTo(sent);
    }

    @Test
    void shouldSayWhyWhenACallFailed() {
        EmbeddedChannel channel = channel();
        channel.writeInbound(Frame.hello());
        channel.writeInbound(Frame.failure(ByteBufAllocator.DEFAULT, 7, new IOException("größer")));

        assertThat(read).hasSize(1);
        assertThat(read.get(0).kind()).isEqualTo(Frame.FAILED);
        assertThat(Frame.reason(read.get(0).body().toByteArray())).isEqualTo("java.io.IOException: größer");
    }

    @Test
    void shouldReadNothingMoreWhenTheOtherSideIsAStranger() {
        EmbeddedChannel channel = channel();
        ByteBuf stranger = Unpooled.copiedBuffer("GET / HTTP/1.1\r\n", StandardCharsets.US_ASCII);

        assertThatThrownBy(() -> channel.writeInbound(stranger))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not speak");
        assertThat(stranger.refCnt()).isZero();
        channel.writeInbound(Frame.hello());
        assertThat(hellos).isZero();
    }

    @Test
    void shouldReadNothingMoreWhenAFrameHasNoPossibleLength() {
        for (int length : List.of(-1, 0, 8, Frame.BODY_BYTES_MAX + 10, Integer.MAX_VALUE, Integer.MIN_VALUE)) {
            EmbeddedChannel channel = channel();
            channel.writeInbound(Frame.hello());
            ByteBuf bad = Unpooled.buffer().writeInt(length).writeByte(1).writeLong(1);

            assertThatThrownBy(() -> channel.writeInbound(bad))
                    .as("length %d", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected: 0 to");

            channel.writeInbound(Frame.failure(ByteBufAllocator.DEFAULT, 7, new IOException("later")));
        }
        assertThat(read).isEmpty();
    }
}
