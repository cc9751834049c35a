package io.gq.client.internal;

import io.gq.client.BrokerAddress;
import io.gq.client.GqException;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one broker. It is greeted once and never comes back: when it breaks, a new one is made.
 *
 * <pre>
 *   CONNECTING --greeted--> USABLE --broken, refused or closed--> GONE
 *       '------------------------------------------------------------^
 * </pre>
 *
 * Safe for use by many threads.
 */
public final class BrokerConnection {

    private final BrokerAddress address;
    private final ManagedChannel channel;
    private final CompletableFuture<BrokerConnection> greeted = new CompletableFuture<>();
    private final AtomicBoolean gone = new AtomicBoolean();
    private volatile int nodeId;
    private volatile int messageBytesMax;

    BrokerConnection(BrokerAddress address, ManagedChannel channel) {
        this.address = address;
        this.channel = channel;
    }

    public BrokerAddress address() {
        return address;
    }

    /** The node that answered the greeting. */
    public int nodeId() {
        return nodeId;
    }

    /** Largest record batch the broker takes, bytes; 0: it did not say. */
    public int messageBytesMax() {
        return messageBytesMax;
    }

    public Channel channel() {
        return channel;
    }

    /** True until the connection broke. */
    public boolean usable() {
        return !gone.get();
    }

    CompletableFuture<BrokerConnection> greeted() {
        return greeted;
    }

    void becomeUsable(int node, int bytesMax) {
        nodeId = node;
        messageBytesMax = bytesMax;
        greeted.complete(this);
    }

    /** Calls {@code onLoss} once, from any thread, when the connection was up and is not any more, or never came up. */
    void watch(Runnable onLoss) {
        watchFrom(channel.getState(true), false, onLoss);
    }

    private void watchFrom(ConnectivityState state, boolean wasUp, Runnable onLoss) {
        boolean up = wasUp || state == ConnectivityState.READY;
        boolean lost = state == ConnectivityState.TRANSIENT_FAILURE
                || state == ConnectivityState.SHUTDOWN
                || (state == ConnectivityState.IDLE && up);
        if (lost) {
            onLoss.run();
        } else {
            channel.notifyWhenStateChanged(state, () -> watchFrom(channel.getState(false), up, onLoss));
        }
    }

    /** Gives the connection up. Calls under way end by themselves unless {@code now}. True for the first caller. */
    boolean close(boolean now, @Nullable GqException reason) {
        boolean first = gone.compareAndSet(false, true);
        if (reason != null) {
            greeted.completeExceptionally(reason);
        }
        if (now) {
            channel.shutdownNow();
        } else {
            channel.shutdown();
        }
        return first;
    }
}
