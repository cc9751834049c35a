package io.gq.broker.scrub;

import io.gq.core.GroupId;
import io.gq.partition.log.LogScrub;

/** A replica that is to be read again. */
public interface ScrubTarget {

    GroupId id();

    /** Of record batches, about. */
    long bytes();

    /** Begins at the log's start; for one thread, which closes it. */
    LogScrub scrub();
}
