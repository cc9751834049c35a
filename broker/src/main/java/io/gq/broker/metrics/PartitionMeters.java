package io.gq.broker.metrics;

import io.gq.core.ErrorCode;
import io.gq.partition.PartitionMetrics;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;

/** What partitions count, over all of a node's replicas: per entry or batch, never per record. */
public final class PartitionMeters implements PartitionMetrics {

    private final LongConsumer batches;
    private final LongConsumer records;
    private final LongConsumer bytes;
    private final LongConsumer duplicates;
    private final LongConsumer entries;
    private final LongConsumer entryBytes;
    private final LongConsumer checkpoints;
    private final Map<ErrorCode, LongConsumer> refusals = new EnumMap<>(ErrorCode.class);

    public PartitionMeters(BrokerMetrics metrics) {
        batches = metrics.counter(
                "gq_partition_committed_batches", "Record batches committed, on every replica", Map.of());
        records = metrics.counter("gq_partition_committed_records", "Records committed, on every replica", Map.of());
        bytes = metrics.counter("gq_partition_committed_bytes", "Bytes committed, on every replica", Map.of());
        duplicates = metrics.counter("gq_partition_duplicates", "Batches a producer repeated", Map.of());
        entries = metrics.counter("gq_partition_proposed_entries", "Raft entries proposed by leaders here", Map.of());
        entryBytes = metrics.counter("gq_partition_proposed_bytes", "Payload bytes of entries proposed here", Map.of());
        checkpoints = metrics.counter("gq_partition_checkpoints", "Checkpoints that became durable", Map.of());
        for (ErrorCode code : ErrorCode.values()) {
            refusals.put(
                    code,
                    metrics.counter(
                            "gq_partition_refused",
                            "Batches refused before they were proposed",
                            Map.of("code", code.name().toLowerCase(Locale.ROOT))));
        }
    }

    @Override
    public void committed(int batchCount, long recordCount, long byteCount) {
        batches.accept(batchCount);
        records.accept(recordCount);
        bytes.accept(byteCount);
    }

    @Override
    public void duplicate() {
        duplicates.accept(1);
    }

    @Override
    public void refused(ErrorCode code) {
        refusals.get(code).accept(1);
    }

    @Override
    public void proposed(int batchCount, int byteCount, int inFlight) {
        entries.accept(1);
        entryBytes.accept(byteCount);
    }

    @Override
    public void checkpointed() {
        checkpoints.accept(1);
    }
}
