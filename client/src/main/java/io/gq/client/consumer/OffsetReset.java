package io.gq.client.consumer;

/** What to do when the offset to be read is outside of what the partition holds, because retention has passed it. */
public enum OffsetReset {
    /** Go on at the first record there is. */
    EARLIEST,
    /** Go on at the end: only what is written from now on. */
    LATEST,
    /** Let {@link Consumer#poll} throw. */
    FAIL
}
