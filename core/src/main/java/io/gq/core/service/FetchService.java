package io.gq.core.service;

import io.gq.core.BrokerException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads from partitions this node holds a replica of. Safe for use by many threads. */
public interface FetchService {

    /** Long poll over several partitions. Never completes exceptionally: each partition carries its own error. */
    CompletableFuture<List<Fetched>> fetch(Principal principal, FetchQuery query);

    CompletableFuture<List<Listed>> listOffsets(Principal principal, List<OffsetQuery> queries, ReadLevel level);

    /** @param bytesMax over all partitions; one batch is returned where there is one, however large */
    record FetchQuery(List<PartitionQuery> partitions, Duration waitMax, int bytesMin, int bytesMax, ReadLevel level) {
        public FetchQuery {
            partitions = List.copyOf(partitions);
        }
    }

    /** @param recordsMax 0: no limit */
    record PartitionQuery(
            TopicSpec topic, int partition, long offset, int bytesMax, int recordsMax, long highWatermarkSeen) {}

    /**
     * @param batches whole record batches, end to end; read-only
     * @param nextOffset where to go on
     */
    record Fetched(
            ByteBuffer batches,
            long highWatermark,
            long logStartOffset,
            long nextOffset,
            @Nullable BrokerException error) {}

    /** Which offset is asked for. */
    sealed interface At {
        record Earliest() implements At {}

        record Latest() implements At {}

        record Timestamp(long timestampMs) implements At {}
    }

    record OffsetQuery(TopicSpec topic, int partition, At at) {}

    /** @param timestampMs of the record found by timestamp, else -1 */
    record Listed(
            long offset,
            long timestampMs,
            long term,
            @Nullable BrokerException error) {}
}
