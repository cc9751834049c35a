package io.gq.broker.scrub;

/** What the scrub counts. Called from its thread. */
public interface ScrubMetrics {

    ScrubMetrics NONE = new ScrubMetrics() {};

    /** @param bytes of record batches that a round through all partitions will read, as far as is known when it begins */
    default void begun(long bytes) {}

    /** @param bytes read and found whole, or not */
    default void read(long bytes) {}

    /** Something is not as it was written. */
    default void damaged() {}

    /** A round went through all partitions, and ended at this time since 1970. */
    default void completed(long timeMs) {}
}
