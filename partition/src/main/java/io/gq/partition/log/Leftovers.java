package io.gq.partition.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Entries that were cut from the log. The Raft log forgets its entries later than it says so, and may after a crash still name them;
 * so their bytes stay until a checkpoint covers their indices, for then nobody asks for them any more. Guarded by the log's lock.
 */
final class Leftovers {

    private final Map<LogSegment, Long> lastIndexes = new LinkedHashMap<>();

    /** The segment holds, behind what is live in it, entries up to this index. */
    void add(LogSegment segment, long lastIndex) {
        lastIndexes.merge(segment, lastIndex, Math::max);
    }

    boolean in(LogSegment segment) {
        return lastIndexes.containsKey(segment);
    }

    /** Takes out the segments whose leftovers a checkpoint at this index covers. */
    List<LogSegment> coveredBy(long index) {
        List<LogSegment> covered = new ArrayList<>();
        lastIndexes.forEach((segment, last) -> {
            if (last <= index) {
                covered.add(segment);
            }
        });
        covered.forEach(lastIndexes::remove);
        return covered;
    }

    List<LogSegment> segments() {
        return List.copyOf(lastIndexes.keySet());
    }
}
