package io.gq.raft;

import io.gq.core.NodeId;
import java.util.Locale;

/** What a Raft server hosts. Ratis' properties are per server, so each kind has a server, a port and a directory of its own. */
public enum RaftHostKind {
    /** Partitions whose records are acknowledged when a majority has synced them. */
    PARTITIONS,
    /** Partitions whose records are acknowledged when a majority has them in its page cache. */
    REPLICATED,
    CONTROLLER;

    /** The name in addresses: {@code partitions}, {@code replicated} or {@code controller}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What Raft configurations hold for a member: no host and no port, so that a moved node rewrites no log. */
    String address(NodeId node) {
        return "gq:///" + label() + "/" + node;
    }
}
