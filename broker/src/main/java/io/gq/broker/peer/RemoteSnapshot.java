package io.gq.broker.peer;

import com.google.protobuf.ByteString;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.proto.v1.SnapshotFrames;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** A snapshot that another broker streams. The stream stands still while the reader does: gRPC's flow control is the throttle. */
final class RemoteSnapshot implements SnapshotReader {

    private final Context.CancellableContext context;
    private final Iterator<SnapshotFrames> messages;
    private final LogPosition position;
    private Iterator<ByteString> frames;

    private RemoteSnapshot(
            Context.CancellableContext context, Iterator<SnapshotFrames> messages, SnapshotFrames first) {
        this.context = context;
        this.messages = messages;
        this.frames = first.getFrameList().iterator();
        this.position = new LogPosition(first.getTerm(), first.getIndex());
    }

    /** Waits for the first message. */
    static RemoteSnapshot open(Context.CancellableContext context, Iterator<SnapshotFrames> messages)
            throws IOException {
        try {
            if (!messages.hasNext()) {
                throw new IOException("snapshot: no frame (expected: at least one)");
            }
            return new RemoteSnapshot(context, messages, messages.next());
        } catch (StatusRuntimeException e) {
            context.cancel(e);
            throw new IOException("snapshot: " + e.getStatus(), e);
        }
    }

    @Override
    public LogPosition position() {
        return position;
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
        try {
            while (!frames.hasNext() && messages.hasNext()) {
                frames = messages.next().getFrameList().iterator();
            }
            return frames.hasNext() ? frames.next().asReadOnlyByteBuffer() : null;
        } catch (StatusRuntimeException e) {
            throw new IOException("snapshot: " + e.getStatus(), e);
        }
    }

    @Override
    public void close() {
        context.cancel(null);
    }
}
