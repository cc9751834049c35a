package io.gq.broker.peer;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The one answer of a call, as a future. */
final class UnaryAnswer<T> implements StreamObserver<T> {

    private final CompletableFuture<T> future = new CompletableFuture<>();
    private @Nullable T value;

    CompletableFuture<T> future() {
        return future;
    }

    @Override
    public void onNext(T answer) {
        value = answer;
    }

    @Override
    public void onError(Throwable failure) {
        future.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        T answer = value;
        if (answer == null) {
            future.completeExceptionally(new IllegalStateException("the call ended without an answer"));
        } else {
            future.complete(answer);
        }
    }
}
