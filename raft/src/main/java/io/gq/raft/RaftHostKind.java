package io.gq.raft;

import io.gq.core.NodeId;
import java.util.Locale;

/** What a Raft server hosts. Ratis' properties are per server, so each kind has a server, a port and a directory of its own. */
public enum RaftHostKind {
    PARTITIONS,
    CONTROLLER;

    /** The name in directories and addresses: {@code partitions} or {@code controller}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What Raft configurations hold for a member: no host and no port, so that a moved node rewrites no log. */
    String address(NodeId node) {
        return PeerResolver.SCHEME + ":///" + label() + "/" + node;
    }
}
