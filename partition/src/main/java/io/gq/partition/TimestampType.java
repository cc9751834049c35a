package io.gq.partition;

/** Whose clock labels the records. */
public enum TimestampType {
    /** The producer's; batches stay as they came. */
    CREATE,
    /** The leader's: the batch header is rewritten before the entry is made. */
    APPEND
}
