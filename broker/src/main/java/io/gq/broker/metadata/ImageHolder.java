package io.gq.broker.metadata;

import io.gq.controller.image.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The newest cluster image this node has applied. Publishing never waits: listeners run on the executor, in order, and may skip
 * images that a newer one overtook. Safe for use by many threads.
 */
public final class ImageHolder {

    private final Executor executor;
    private final CopyOnWriteArrayList<Consumer<ClusterImage>> listeners = new CopyOnWriteArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private volatile ClusterImage image;

    private record Waiter(long version, CompletableFuture<ClusterImage> arrived) {}

    /** @param executor runs listeners, one at a time */
    public ImageHolder(ClusterImage empty, Executor executor) {
        this.image = empty;
        this.executor = executor;
    }

    public ClusterImage image() {
        return image;
    }

    /** Adds a listener; it is first called with the present image. */
    public void onImage(Consumer<ClusterImage> listener) {
        listeners.add(listener);
        executor.execute(() -> listener.accept(image));
    }

    /** A newer image; from the controller's apply thread. */
    public void publish(ClusterImage newer) {
        List<Waiter> arrived = new ArrayList<>();
        synchronized (waiters) {
            image = newer;
            waiters.removeIf(w -> w.version() <= newer.version() && arrived.add(w));
        }
        executor.execute(() -> {
            arrived.forEach(w -> w.arrived().complete(newer));
            ClusterImage latest = image;
            if (latest == newer) {
                listeners.forEach(l -> l.accept(latest));
            }
        });
    }

    /** Completes with the first image of that version or a later one. */
    public CompletableFuture<ClusterImage> await(long version) {
        synchronized (waiters) {
            if (image.version() >= version) {
                return CompletableFuture.completedFuture(image);
            }
            CompletableFuture<ClusterImage> arrived = new CompletableFuture<>();
            waiters.add(new Waiter(version, arrived));
            CompletableFuture<?> unused = arrived.whenComplete((i, e) -> {
                if (e != null) {
                    synchronized (waiters) {
                        waiters.removeIf(w -> w.arrived() == arrived);
                    }
                }
            });
            return arrived;
        }
    }
}
