package io.gq.partition;

import io.gq.core.ErrorCode;

/** What a partition counts. Called from many threads; must be quick. */
public interface PartitionMetrics {

    PartitionMetrics NONE = new PartitionMetrics() {};

    /** Batches were committed: counted on every replica. */
    default void committed(int batches, long records, long bytes) {}

    /** A producer repeated a batch that was appended before. */
    default void duplicate() {}

    /** A batch was refused before it was proposed. */
    default void refused(ErrorCode code) {}

    /** An entry was proposed. */
    default void proposed(int batches, int bytes, int inFlight) {}

    /** A checkpoint became durable. */
    default void checkpointed() {}
}
