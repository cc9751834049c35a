package io.gq.partition.log;

/** A stored entry that is not committed, and what the segment's largest timestamp was before it. */
record Uncommitted(LogSegment segment, EntryRow row, long maxTimestampBefore) {}
