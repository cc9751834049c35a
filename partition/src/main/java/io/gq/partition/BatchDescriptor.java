package io.gq.partition;

import io.gq.core.record.RecordBatch;

/**
 * What replicas must know of a batch without reading it.
 *
 * @param bytes of the whole batch
 * @param offsets how many offsets it takes
 * @param producerId {@link RecordBatch#NO_PRODUCER_ID} where the producer is not idempotent; then epoch and sequence mean nothing
 */
public record BatchDescriptor(
        int bytes, int offsets, long maxTimestampMs, long producerId, short producerEpoch, int baseSequence) {

    public static BatchDescriptor of(RecordBatch batch) {
        return new BatchDescriptor(
                batch.sizeInBytes(),
                batch.lastOffsetDelta() + 1,
                batch.maxTimestamp(),
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence());
    }

    public boolean idempotent() {
        return producerId != RecordBatch.NO_PRODUCER_ID;
    }
}
