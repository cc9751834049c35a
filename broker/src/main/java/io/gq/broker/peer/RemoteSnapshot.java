package io.gq.broker.peer;

import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.proto.v1.SnapshotFrame;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** A snapshot that another broker streams. The stream stands still while the reader does: gRPC's flow control is the throttle. */
final class RemoteSnapshot implements SnapshotReader {

    private final Context.CancellableContext context;
    private final Iterator<SnapshotFrame> frames;
    private final LogPosition position;
    private @Nullable SnapshotFrame first;

    private RemoteSnapshot(Context.CancellableContext context, Iterator<SnapshotFrame> frames, SnapshotFrame first) {
        this.context = context;
        this.frames = frames;
        this.first = first;
        this.position = new LogPosition(first.getTerm(), first.getIndex());
    }

    /** Waits for the first frame. */
    static RemoteSnapshot open(Context.CancellableContext context, Iterator<SnapshotFrame> frames) throws IOException {
        try {
            if (!frames.hasNext()) {
                throw new IOException("snapshot: no frame (expected: at least one)");
            }
            return new RemoteSnapshot(context, frames, frames.next());
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
            SnapshotFrame frame = first;
            if (frame != null) {
                first = null;
                return frame.getFrame().asReadOnlyByteBuffer();
            }
            return frames.hasNext() ? frames.next().getFrame().asReadOnlyByteBuffer() : null;
        } catch (StatusRuntimeException e) {
            throw new IOException("snapshot: " + e.getStatus(), e);
        }
    }

    @Override
    public void close() {
        context.cancel(null);
    }
}
