package io.gq.raft;

/**
 * How the logs of a disk do.
 *
 * @param flushed grows with every entry that reached the disk, whichever group's; a group that is closed takes its part with it
 * @param waiting some log has entries that are not on disk
 */
public record LogWrites(long flushed, boolean waiting) {

    LogWrites plus(long flushIndex, long lastIndex) {
        return new LogWrites(flushed + flushIndex, waiting || lastIndex > flushIndex);
    }
}
