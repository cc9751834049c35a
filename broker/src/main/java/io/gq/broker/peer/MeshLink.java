package io.gq.broker.peer;

import io.gq.core.NodeId;
import io.gq.proto.v1.MeshMessage;
import io.grpc.ManagedChannel;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import org.jspecify.annotations.Nullable;

/** One stream of the mesh, opened or accepted. Used by the mesh's thread only. */
final class MeshLink implements ClientResponseObserver<MeshMessage, MeshMessage> {

    /** What a link tells. */
    interface Owner {
        void received(MeshLink link, MeshMessage message);

        /** @param cause null where the other side ended it */
        void ended(MeshLink link, @Nullable Throwable cause);
    }

    private final Owner owner;
    private @Nullable CallStreamObserver<MeshMessage> out;
    private @Nullable NodeId node;
    private boolean greeted;
    private boolean ended;
    private long heardNanos;
    private @Nullable ManagedChannel channel;

    /** An opened link; the stream follows in {@link #beforeStart}. */
    MeshLink(Owner owner, NodeId node, ManagedChannel channel, long nowNanos) {
        this.owner = owner;
        this.node = node;
        this.channel = channel;
        this.heardNanos = nowNanos;
    }

    /** An accepted link; its hello says whose it is. */
    MeshLink(Owner owner, CallStreamObserver<MeshMessage> out) {
        this.owner = owner;
        this.out = out;
    }

    /** Whose link it is; null before the hello of an accepted one. */
    @Nullable
    NodeId node() {
        return node;
    }

    /** The other side said who it is. */
    void greeted(NodeId by) {
        node = by;
        greeted = true;
    }

    boolean greeted() {
        return greeted;
    }

    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    /** For how long nothing has come; of an opened link over which nothing ever came since it was opened. */
    long silentNanos(long nowNanos) {
        return nowNanos - heardNanos;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<MeshMessage> stream) {
        out = stream;
    }

    /** Sends unless what was sent before has not left yet: to a paused broker nothing is piled up. */
    boolean send(MeshMessage message) {
        CallStreamObserver<MeshMessage> stream = out;
        if (ended || stream == null || !stream.isReady()) {
            return false;
        }
        stream.onNext(message);
        return true;
    }

    /** Sends in any case; for the first message, when the connection may not stand yet. */
    void sendFirst(MeshMessage message) {
        CallStreamObserver<MeshMessage> stream = out;
        if (!ended && stream != null) {
            stream.onNext(message);
        }
    }

    /** The channel of an opened link; null of an accepted one. */
    @Nullable
    ManagedChannel channel() {
        return channel;
    }

    /** Ends the stream from here; the owner is not told. */
    void end(@Nullable Throwable cause) {
        if (ended) {
            return;
        }
        ended = true;
        CallStreamObserver<MeshMessage> stream = out;
        if (stream instanceof ClientCallStreamObserver<MeshMessage> call) {
            call.cancel("the mesh ends the stream", cause);
        } else if (stream != null && cause != null) {
            stream.onError(cause);
        } else if (stream != null) {
            stream.onCompleted();
        }
    }

    @Override
    public void onNext(MeshMessage message) {
        if (!ended) {
            owner.received(this, message);
        }
    }

    @Override
    public void onError(Throwable cause) {
        over(cause);
    }

    @Override
    public void onCompleted() {
        over(null);
    }

    private void over(@Nullable Throwable cause) {
        if (!ended) {
            ended = true;
            owner.ended(this, cause);
        }
    }
}
