package io.gq.partition;

import io.gq.core.GroupId;
import io.gq.partition.log.LogScrub;
import io.gq.partition.log.LogVerdict;
import io.gq.partition.log.SegmentInfo;
import io.gq.partition.log.Slice;
import io.gq.partition.log.TimestampOffset;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** A replica of a partition as readers see it: what is committed, and nothing else. Safe for use by many threads. */
public interface PartitionView {

    GroupId group();

    /** The first offset that can be read. */
    long logStartOffset();

    /** The offset after the last committed record. */
    long highWatermark();

    /** The offset after the last record this replica stores, committed or not. */
    long logEndOffset();

    /** Bytes of record batches on this disk. */
    long bytes();

    List<SegmentInfo> segments();

    PartitionConfig config();

    /**
     * Whole batches, from the one that contains the offset on.
     *
     * @param bytesMax the batches' bytes together; at least one batch is returned where one is committed, however large
     * @throws io.gq.core.BrokerException OFFSET_OUT_OF_RANGE below the log start or above the log end; REPLICA_DAMAGED,
     *     STORAGE_ERROR. From the high watermark to the log end the answer is empty
     */
    Slice read(long offset, int bytesMax);

    /** The first committed record, at or after the log start, whose timestamp is at least {@code timestampMs}. */
    Optional<TimestampOffset> offsetForTimestamp(long timestampMs);

    /** Reads everything that is committed and checks every batch's CRC; slow. The log start must not move meanwhile. */
    PartitionDigest digest();

    /** Goes through what is committed, a stretch at a time, and reads it from the disk. For one thread, which closes it. */
    LogScrub scrub();

    /**
     * Reads everything that is committed from the disk and says what is not as it was written; slow.
     *
     * @param fromOffset and {@code toOffset}, exclusive: what the digest is over
     * @throws IOException where the replica closes meanwhile
     */
    LogVerdict verify(long fromOffset, long toOffset) throws IOException;

    /**
     * Calls back with the new high watermark whenever it moves, from the thread that moved it; calls may overtake each other, the
     * largest counts.
     *
     * @return ends the calls
     */
    Runnable onHighWatermark(LongConsumer listener);
}
