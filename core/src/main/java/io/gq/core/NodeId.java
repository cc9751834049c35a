package io.gq.core;

/** A broker of the cluster: a number from 1 on, chosen in its configuration and never reused for another machine's data. */
public record NodeId(int value) implements Comparable<NodeId> {

    public NodeId {
        if (value < 1) {
            throw new IllegalArgumentException("nodeId: " + value + " (expected: >= 1)");
        }
    }

    @Override
    public int compareTo(NodeId other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
