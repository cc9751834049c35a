package io.gq.partition.log;

import java.util.ArrayList;
import java.util.List;

/** Decides which files may go, or may be cut. Guarded by the log's lock. */
final class Reclaimer {

    private final Leftovers leftovers;
    private long purgedIndex;
    private long durableIndex;
    private long durableStartOffset;
    private boolean planned;

    Reclaimer(Leftovers leftovers, long purgedIndex, long durableIndex, long durableStartOffset) {
        this.leftovers = leftovers;
        this.purgedIndex = purgedIndex;
        this.durableIndex = durableIndex;
        this.durableStartOffset = durableStartOffset;
    }

    Leftovers leftovers() {
        return leftovers;
    }

    /** The Raft log holds nothing below the index any more. */
    void purged(long index) {
        purgedIndex = Math.max(purgedIndex, index);
    }

    /** A checkpoint is durable. */
    void checkpointed(long index, long startOffset) {
        durableIndex = Math.max(durableIndex, index);
        durableStartOffset = Math.max(durableStartOffset, startOffset);
    }

    /** True where the caller is to see to it that {@link #take} comes; false where somebody does already. */
    boolean plan() {
        boolean first = !planned;
        planned = true;
        return first;
    }

    /** Takes out of {@code live} the segments that may go. The answer is to be run without the lock. */
    Maintenance.Work take(List<LogSegment> live) {
        planned = false;
        List<LogSegment> gone = new ArrayList<>();
        List<Maintenance.Work> cuts = new ArrayList<>();
        for (LogSegment segment : leftovers.coveredBy(durableIndex)) {
            int rows = segment.reservedRows();
            long bytes = segment.reservedBytes();
            if (rows == 0) {
                gone.add(segment);
            } else {
                cuts.add(() -> {
                    segment.trimFile(bytes);
                    segment.trimIndex(rows);
                });
            }
        }
        while (!live.isEmpty() && reclaimable(live.get(0))) {
            gone.add(live.remove(0));
        }
        return () -> {
            for (Maintenance.Work cut : cuts) {
                cut.run();
            }
            for (LogSegment segment : gone) {
                segment.delete();
            }
        };
    }

    private boolean reclaimable(LogSegment segment) {
        return segment.reservedRows() > 0
                && segment.endOffset() <= durableStartOffset
                && segment.lastIndex() < purgedIndex
                && segment.lastIndex() <= durableIndex
                && !leftovers.in(segment);
    }
}
