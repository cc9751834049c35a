package io.gq.partition;

import io.gq.partition.log.SegmentedLog;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What a replica that wants a snapshot has already.
 *
 * <pre>version u8 = 1, committedOffset i64, stagedFromOffset i64, stagedEndOffset i64, checkpointIndex i64</pre>
 *
 * @param committedOffset everything below it, from its log start on
 * @param stagedFromOffset and {@code stagedEndOffset}: what an incomplete copy brought; equal where there is none
 */
record Held(long committedOffset, long stagedFromOffset, long stagedEndOffset, long checkpointIndex) {

    private static final byte VERSION = 1;
    private static final int BYTES = 1 + 4 * Long.BYTES;

    static Held of(SegmentedLog log, long checkpointIndex) {
        long committed = log.highWatermark();
        return log.staged()
                .map(s -> new Held(committed, s.fromOffset(), s.endOffset(), checkpointIndex))
                .orElse(new Held(committed, committed, committed, checkpointIndex));
    }

    /** Where a copy of {@code [startOffset, highWatermark)} must begin; both sides come to the same answer. */
    long copyFrom(long startOffset, long highWatermark) {
        return goesOn(startOffset, highWatermark) ? stagedEndOffset : committedOffset;
    }

    /** What was copied before is a part of {@code [startOffset, highWatermark)} that leaves no hole. */
    boolean goesOn(long startOffset, long highWatermark) {
        boolean connects = stagedFromOffset == committedOffset
                || (stagedFromOffset > committedOffset && startOffset >= stagedFromOffset);
        return connects && startOffset <= stagedEndOffset && stagedEndOffset <= highWatermark;
    }

    ByteBuffer encode() {
        return ByteBuffer.allocate(BYTES)
                .put(VERSION)
                .putLong(committedOffset)
                .putLong(stagedFromOffset)
                .putLong(stagedEndOffset)
                .putLong(checkpointIndex)
                .flip();
    }

    static Held decode(ByteBuffer bytes) throws IOException {
        ByteBuffer in = bytes.duplicate();
        if (in.remaining() != BYTES || in.get() != VERSION) {
            throw new IOException("held: " + bytes.remaining() + " bytes (expected: version " + VERSION + ")");
        }
        return new Held(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }
}
