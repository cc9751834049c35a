package io.gq.broker.peer;

import com.google.common.util.concurrent.ListenableFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** gRPC's futures as the JDK's. */
final class Futures {

    private Futures() {}

    static <T> CompletableFuture<T> of(ListenableFuture<T> future) {
        CompletableFuture<T> result = new CompletableFuture<>();
        future.addListener(() -> transfer(future, result), Runnable::run);
        return result;
    }

    private static <T> void transfer(ListenableFuture<T> done, CompletableFuture<T> result) {
        try {
            result.complete(done.get());
        } catch (ExecutionException e) {
            result.completeExceptionally(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result.completeExceptionally(e);
        }
    }
}
