package io.gq.broker.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.gq.broker.grpc.ErrorMapping;
import io.gq.core.replication.SnapshotReader;
import io.gq.proto.v1.SnapshotFrames;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Streams a snapshot to the broker that asked for it, as fast as that one takes it. Small frames go together: a message costs each side
 * a wake-up, and a partition of small records has two frames for each entry.
 */
final class SnapshotSender {

    private static final int MESSAGE_BYTES = 256 << 10;

    private final ServerCallStreamObserver<SnapshotFrames> out;
    private final SnapshotReader snapshot;
    private @Nullable IOException failure;
    private boolean ended;

    SnapshotSender(ServerCallStreamObserver<SnapshotFrames> out, SnapshotReader snapshot) {
        this.out = out;
        this.snapshot = snapshot;
    }

    void start() {
        out.setOnReadyHandler(this::pump);
        out.setOnCancelHandler(this::end);
        out.setOnCloseHandler(this::end);
    }

    private void pump() {
        try {
            while (!ended && out.isReady()) {
                SnapshotFrames frames = next();
                if (frames.getFrameCount() == 0) {
                    out.onCompleted();
                    end();
                    return;
                }
                out.onNext(frames);
            }
        } catch (IOException | RuntimeException e) {
            out.onError(ErrorMapping.toStatus(e));
            end();
        }
    }

    /**
     * None once the snapshot has ended. What was read before a failure goes out first: the receiver keeps it, and may find what comes next
     * elsewhere.
     */
    private SnapshotFrames next() throws IOException {
        if (failure != null) {
            throw failure;
        }
        SnapshotFrames.Builder frames = SnapshotFrames.newBuilder()
                .setTerm(snapshot.position().term())
                .setIndex(snapshot.position().index());
        int bytes = 0;
        while (bytes < MESSAGE_BYTES) {
            ByteBuffer frame;
            try {
                frame = snapshot.next();
            } catch (IOException e) {
                if (bytes == 0) {
                    throw e;
                }
                failure = e;
                break;
            }
            if (frame == null) {
                break;
            }
            bytes += frame.remaining();
            frames.addFrame(UnsafeByteOperations.unsafeWrap(frame));
        }
        return frames.build();
    }

    private void end() {
        if (!ended) {
            ended = true;
            try {
                snapshot.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
