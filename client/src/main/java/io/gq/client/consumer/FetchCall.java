package io.gq.client.consumer;

import io.gq.proto.v1.FetchResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One fetch under way to one broker. Guarded by the {@link Fetcher}'s monitor, but for {@link #began}. */
final class FetchCall {

    final int node;
    final int waitMs;
    final List<PartitionFetch> partitions;
    private @Nullable CompletableFuture<FetchResponse> answer;
    private boolean interrupted;

    FetchCall(int node, int waitMs, List<PartitionFetch> partitions) {
        this.node = node;
        this.waitMs = waitMs;
        this.partitions = List.copyOf(partitions);
    }

    /** The call was sent. */
    synchronized CompletableFuture<FetchResponse> began(CompletableFuture<FetchResponse> sent) {
        answer = sent;
        if (interrupted) {
            sent.cancel(false);
        }
        return sent;
    }

    /** Calls it off; what it brings all the same is not used. Answers the partitions that took part to the end. */
    List<PartitionFetch> interrupt() {
        List<PartitionFetch> freed =
                partitions.stream().filter(partition -> partition.fetch == this).toList();
        freed.forEach(partition -> partition.fetch = null);
        synchronized (this) {
            interrupted = true;
            if (answer != null) {
                answer.cancel(false);
            }
        }
        return freed;
    }
}
