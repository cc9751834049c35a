package io.gq.partition.log;

import java.util.List;
import java.util.OptionalLong;

/**
 * What is too old or too much. Whole segments go, oldest first; the segment that is still written goes only by age, and only where
 * all of it is too old. Pure.
 *
 * @param retentionMs records whose timestamps are all older go; -1: none goes by age
 * @param retentionBytes the oldest segments go as long as the others hold at least this much; -1: none goes by size
 */
public record RetentionPolicy(long retentionMs, long retentionBytes) {

    public static final long UNLIMITED = -1;

    public RetentionPolicy {
        if (retentionMs < UNLIMITED) {
            throw new IllegalArgumentException("retentionMs: " + retentionMs + " (expected: >= 0, or -1 for no limit)");
        }
        if (retentionBytes < UNLIMITED) {
            throw new IllegalArgumentException(
                    "retentionBytes: " + retentionBytes + " (expected: >= 0, or -1 for no limit)");
        }
    }

    /**
     * @param segments of the log, oldest first
     * @param highWatermark never passed
     * @return the new log start offset, where it should move
     */
    public OptionalLong newStartOffset(List<SegmentInfo> segments, long startOffset, long highWatermark, long nowMs) {
        long bytes = segments.stream()
                .filter(s -> s.endOffset() > startOffset)
                .mapToLong(SegmentInfo::bytes)
                .sum();
        long start = startOffset;
        for (SegmentInfo segment : segments) {
            if (segment.endOffset() <= startOffset) {
                continue;
            }
            boolean tooOld = retentionMs != UNLIMITED && segment.maxTimestampMs() < nowMs - retentionMs;
            boolean tooMuch =
                    retentionBytes != UNLIMITED && !segment.active() && bytes - segment.bytes() >= retentionBytes;
            if (segment.endOffset() > highWatermark || !(tooOld || tooMuch)) {
                break;
            }
            bytes -= segment.bytes();
            start = segment.endOffset();
        }
        return start > startOffset ? OptionalLong.of(start) : OptionalLong.empty();
    }
}
