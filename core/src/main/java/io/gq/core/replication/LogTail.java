package io.gq.core.replication;

import java.util.List;

/**
 * What the Raft log on this disk holds when a replica opens, oldest first, without gaps. Entries that carry no command (Raft's own
 * configuration and metadata entries) are left out of {@code commands} but covered by the range.
 *
 * @param startIndex first index the log holds, or the index after the snapshot where it holds none
 * @param endIndex the index after the last one the log holds
 */
public record LogTail(long startIndex, long endIndex, List<Entry> commands) {

    public static final LogTail EMPTY = new LogTail(0, 0, List.of());

    public LogTail {
        commands = List.copyOf(commands);
    }
}
