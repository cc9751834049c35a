package io.gq.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.fuzz.Bounded;
import io.gq.fuzz.Input;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.Parser;

/** What Raft servers send each other. */
public final class FrameFuzzTest {

    private static final List<Parser<? extends MessageLite>> PARSERS = List.of(
            AppendEntriesRequestProto.parser(), AppendEntriesReplyProto.parser(), RequestVoteRequestProto.parser());
    private static final long FRAME_BYTES_MAX = Frame.BODY_BYTES_MAX;

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        AppendEntriesRequestProto append = AppendEntriesRequestProto.newBuilder()
                .setLeaderTerm(3)
                .addEntries(LogEntryProto.newBuilder().setTerm(3).setIndex(4))
                .build();
        byte[] frame = bytes(Frame.encode(UnpooledByteBufAllocator.DEFAULT, Frame.APPEND, 5, append));
        byte[] failure = bytes(Frame.failure(UnpooledByteBufAllocator.DEFAULT, 5, new IOException("no")));
        byte[] hello = bytes(Frame.hello());
        seeds.put("stream/frames", Input.concat(new byte[] {7}, hello, frame, failure));
        seeds.put("stream/stranger", "xGET / HTTP/1.1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        seeds.put("message/append", Input.concat(new byte[] {0}, append.toByteArray()));
        seeds.put(
                "commits/two",
                CommitNotice.encode(List.of(
                        new CommitNotice(new UUID(1, 2), 3, 4, 3),
                        new CommitNotice(new UUID(5, 6), Long.MAX_VALUE, -1, Long.MIN_VALUE))));
        return seeds;
    }

    /** The body of a frame of commits. */
    @FuzzTest
    void commits(byte[] data) throws Exception {
        Bounded.check((1 << 20) + 64L * data.length, () -> {
            try {
                assertThat(CommitNotice.encode(CommitNotice.decode(data))).isEqualTo(data);
            } catch (IOException expected) {
                assertThat(data.length % CommitNotice.BYTES).isNotZero();
            }
        });
    }

    private static byte[] bytes(ByteBuf from) {
        byte[] bytes = new byte[from.readableBytes()];
        from.readBytes(bytes);
        from.release();
        return bytes;
    }

    private record Read(byte kind, long call, ByteString body) {}

    /** What comes over a connection, in pieces of so many bytes. The same frames come out wherever it is cut. */
    @FuzzTest
    void stream(byte[] data) throws Exception {
        if (data.length == 0) {
            return;
        }
        byte[] stream = java.util.Arrays.copyOfRange(data, 1, data.length);
        Bounded.check(2 * FRAME_BYTES_MAX + (4 << 20) + 256L * data.length, () -> {
            List<Read> whole = new ArrayList<>();
            boolean refused = feed(stream, Math.max(1, stream.length), whole);
            List<Read> pieces = new ArrayList<>();
            assertThat(feed(stream, 1 + (data[0] & 0xff), pieces)).isEqualTo(refused);
            assertThat(pieces).isEqualTo(whole);
            for (Read frame : whole) {
                assertThat(frame.body.size()).isLessThan(stream.length);
            }
        });
    }

    /** True where the stream was refused. */
    private static boolean feed(byte[] stream, int piece, List<Read> read) {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameReader() {
            @Override
            void onFrame(byte kind, long call, byte[] body) {
                read.add(new Read(kind, call, ByteString.copyFrom(body)));
            }
        });
        try {
            for (int at = 0; at < stream.length; at += piece) {
                channel.writeInbound(Unpooled.copiedBuffer(stream, at, Math.min(piece, stream.length - at)));
            }
            channel.checkException();
            return false;
        } catch (Exception e) {
            if (!(e instanceof IOException)) {
                throw new AssertionError("not refused as an IOException", e);
            }
            return true;
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    /** The body of a frame. */
    @FuzzTest
    void message(byte[] data) throws Exception {
        Input input = new Input(data);
        Parser<? extends MessageLite> parser = PARSERS.get(input.u8() % PARSERS.size());
        byte[] body = input.rest();
        Bounded.check((1 << 20) + 256L * data.length, () -> {
            try {
                MessageLite message = Frame.decode(parser, body);
                ByteBuf frame = Frame.encode(UnpooledByteBufAllocator.DEFAULT, Frame.APPEND, 1, message);
                ByteBuffer encoded = ByteBuffer.wrap(bytes(frame));
                assertThat(encoded.getInt()).isEqualTo(encoded.remaining());
                byte[] again = Input.array(encoded.position(Frame.HEADER_BYTES));
                assertThat(Frame.decode(parser, again)).isEqualTo(message);
            } catch (IOException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        });
    }
}
