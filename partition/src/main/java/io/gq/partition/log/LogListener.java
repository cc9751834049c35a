package io.gq.partition.log;

/** Told of what happens to a log. Called from the log's threads: must be quick and must not call back into the log's writes. */
public interface LogListener {

    /** Readers may see records below this offset now. Calls of several threads may overtake each other: the largest counts. */
    void highWatermark(long offset);

    /** A write or sync failed: the log takes no more writes until it is opened anew. Called once, before any future fails. */
    void failed(Exception cause);

    /** Stored bytes fail their checksum. May repeat. */
    void damaged(String what);
}
