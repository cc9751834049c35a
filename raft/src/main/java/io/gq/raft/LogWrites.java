package io.gq.raft;

/**
 * How some logs do.
 *
 * @param written changes with whatever one of them gets into its files or on to the disk
 * @param waiting one of them has entries that are not on disk
 */
public record LogWrites(long written, boolean waiting) {

    public static final LogWrites NONE = new LogWrites(0, false);

    public LogWrites plus(LogWrites other) {
        return new LogWrites(written + other.written, waiting || other.waiting);
    }
}
