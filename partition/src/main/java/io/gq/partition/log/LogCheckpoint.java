package io.gq.partition.log;

import java.util.List;

/**
 * What a log is known to hold durably.
 *
 * @param index the last applied index it covers; -1: nothing was ever checkpointed
 * @param segments the committed part of the log, oldest first
 * @param staged what was copied from a peer by a snapshot that is not complete
 * @param stagedFromOffset where the copy begins
 */
public record LogCheckpoint(
        long index,
        long startOffset,
        long highWatermark,
        List<SegmentMark> segments,
        List<SegmentMark> staged,
        long stagedFromOffset) {

    public static final LogCheckpoint NONE = new LogCheckpoint(-1, 0, 0, List.of(), List.of(), 0);

    public LogCheckpoint {
        segments = List.copyOf(segments);
        staged = List.copyOf(staged);
    }
}
