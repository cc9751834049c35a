package io.gq.core.replication;

/** A place in a Raft log. {@link #NONE} comes before the first entry. */
public record LogPosition(long term, long index) implements Comparable<LogPosition> {

    public static final LogPosition NONE = new LogPosition(0, -1);

    @Override
    public int compareTo(LogPosition other) {
        int byTerm = Long.compare(term, other.term);
        return byTerm != 0 ? byTerm : Long.compare(index, other.index);
    }

    @Override
    public String toString() {
        return "(t:" + term + ", i:" + index + ")";
    }
}
