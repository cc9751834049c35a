package io.gq.raft.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;

/** Puts frames together: each body is copied once, from the socket's buffer into an array of its own size. */
abstract class FrameReader extends ChannelInboundHandlerAdapter {

    private static final int PREFIX_BYTES = Frame.HEADER_BYTES;

    private byte[] hello = new byte[Frame.HELLO_BYTES];
    private final byte[] header = new byte[PREFIX_BYTES];
    private byte[] target = hello;
    private int filled;
    private byte kind;
    private long call;
    private boolean broken;

    /** The other side has shown that it speaks this protocol. */
    void onHello(ChannelHandlerContext context) {}

    /** A whole frame; the body belongs to the callee. */
    abstract void onFrame(byte frameKind, long frameCall, byte[] body) throws IOException;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable() && !broken) {
                int count = Math.min(in.readableBytes(), target.length - filled);
                in.readBytes(target, filled, count);
                filled += count;
                if (filled == target.length) {
                    full(context);
                }
            }
        } catch (IOException | RuntimeException e) {
            broken = true; // TLS may hand over more that had come, and nobody knows where its frames begin
            throw e;
        } finally {
            ReferenceCountUtil.release(in);
        }
    }

    @SuppressWarnings("ReferenceEquality") // which of the buffers is full
    private void full(ChannelHandlerContext context) throws IOException {
        filled = 0;
        if (target == hello) {
            if (!Frame.isHello(hello)) {
                throw new IOException("the other side does not speak gq's Raft protocol, version 1");
            }
            hello = new byte[0];
            target = header;
            onHello(context);
        } else if (target == header) {
            java.nio.ByteBuffer prefix = java.nio.ByteBuffer.wrap(header);
            int bytes = prefix.getInt() - (PREFIX_BYTES - Integer.BYTES);
            if (bytes < 0 || bytes > Frame.BODY_BYTES_MAX) {
                throw new IOException("frame: " + bytes + " bytes (expected: 0 to " + Frame.BODY_BYTES_MAX + ")");
            }
            kind = prefix.get();
            call = prefix.getLong();
            if (bytes == 0) {
                onFrame(kind, call, new byte[0]);
            } else {
                target = new byte[bytes];
            }
        } else {
            byte[] body = target;
            target = header;
            onFrame(kind, call, body);
        }
    }
}
