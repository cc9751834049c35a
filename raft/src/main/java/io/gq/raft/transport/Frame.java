package io.gq.raft.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.Parser;

/**
 * What goes over a connection. Each side says {@link #hello()} first; then frames, big-endian:
 *
 * <pre>
 *   int32  length of what follows
 *   int8   kind
 *   int64  call, chosen by who asks and repeated in the answer
 *   bytes  a protobuf message of Ratis; of FAILED: why, UTF-8; of COMMITS: {@link CommitNotice}s; of FEATURES: a byte for each
 * </pre>
 *
 * <p>A server says what it takes besides the first five kinds right after its hello, in a frame of FEATURES, which a client that does not know
 * it passes over. So servers of different age understand each other.
 */
final class Frame {

    static final byte APPEND = 1;
    static final byte VOTE = 2;
    static final byte START_ELECTION = 3;
    static final byte INSTALL_SNAPSHOT = 4;
    static final byte READ_INDEX = 5;
    static final byte COMMITS = 6;
    static final byte ANSWER = 64;
    static final byte FAILED = 65;
    static final byte FEATURES = 66;

    /** The call of a frame that nobody answers. */
    static final long NO_CALL = -1;

    /** A feature: the server takes frames of {@link #COMMITS}. */
    private static final byte TAKES_COMMITS = 1;

    static final int HEADER_BYTES = Integer.BYTES + 1 + Long.BYTES;
    static final int BODY_BYTES_MAX = 64 << 20;

    private static final byte[] HELLO = "GQ-RAFT1".getBytes(StandardCharsets.US_ASCII);
    static final int HELLO_BYTES = HELLO.length;

    private Frame() {}

    /** Names the protocol and its version, so that a stranger is told apart from a damaged frame. */
    static ByteBuf hello() {
        return Unpooled.wrappedBuffer(HELLO);
    }

    static boolean isHello(byte[] bytes) {
        return java.util.Arrays.equals(HELLO, bytes);
    }

    static ByteBuf encode(ByteBufAllocator allocator, byte kind, long call, MessageLite message) {
        int size = message.getSerializedSize();
        ByteBuf frame = start(allocator, kind, call, size);
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(frame.internalNioBuffer(HEADER_BYTES, size));
            message.writeTo(out);
            out.flush();
            return frame.writerIndex(HEADER_BYTES + size);
        } catch (IOException | RuntimeException e) {
            frame.release();
            throw new IllegalStateException(
                    "cannot encode " + message.getClass().getSimpleName(), e);
        }
    }

    static ByteBuf failure(ByteBufAllocator allocator, long call, Throwable cause) {
        return of(allocator, FAILED, call, String.valueOf(cause).getBytes(StandardCharsets.UTF_8));
    }

    static ByteBuf of(ByteBufAllocator allocator, byte kind, long call, byte[] body) {
        return start(allocator, kind, call, body.length).writeBytes(body);
    }

    /** What this server takes. */
    static ByteBuf features(ByteBufAllocator allocator) {
        return of(allocator, FEATURES, NO_CALL, new byte[] {TAKES_COMMITS});
    }

    static boolean takesCommits(byte[] features) {
        for (byte feature : features) {
            if (feature == TAKES_COMMITS) {
                return true;
            }
        }
        return false;
    }

    private static ByteBuf start(ByteBufAllocator allocator, byte kind, long call, int size) {
        if (size > BODY_BYTES_MAX) {
            throw new IllegalArgumentException("frame: " + size + " bytes (expected: <= " + BODY_BYTES_MAX + ")");
        }
        return allocator
                .directBuffer(HEADER_BYTES + size)
                .writeInt(HEADER_BYTES - Integer.BYTES + size)
                .writeByte(kind)
                .writeLong(call);
    }

    /**
     * Copies the message's byte strings out of the body. Slices would be cheaper, but Raft's log keeps the small ones of an entry (its
     * header) long after its payload is on disk, and each would keep the whole frame in memory.
     */
    static <M> M decode(Parser<M> parser, byte[] body) throws IOException {
        return parser.parseFrom(body);
    }

    static String reason(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }
}
