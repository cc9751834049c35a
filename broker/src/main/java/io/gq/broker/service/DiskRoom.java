package io.gq.broker.service;

import io.gq.broker.peer.PeerTable;
import io.gq.core.NodeId;
import io.gq.core.TopicPartition;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether an append finds room on the disks of a majority: the leader's own disk, and as many others. Refusing is safe at any time, so what
 * the others last said of theirs is good enough. Safe for use by many threads.
 */
public final class DiskRoom {

    private final NodeId self;
    private final Supplier<Optional<String>> own;
    private final PeerTable peers;

    /** @param own why this node's disk takes nothing; empty where it does */
    public DiskRoom(NodeId self, Supplier<Optional<String>> own, PeerTable peers) {
        this.self = self;
        this.own = own;
        this.peers = peers;
    }

    /** Name, value and expectation where there is no room; asked once for each append, so the usual answer costs next to nothing. */
    Optional<String> refusal(TopicPartition partition, Supplier<List<NodeId>> replicas) {
        Optional<String> here = own.get();
        if (here.isPresent()) {
            return here.map(why -> "leader of " + partition + " on node " + self + ": " + why + "; reads go on");
        }
        return peers.anyDiskFull() ? followers(partition, replicas.get()) : Optional.empty();
    }

    private Optional<String> followers(TopicPartition partition, List<NodeId> replicas) {
        List<NodeId> full = replicas.stream()
                .filter(node -> !node.equals(self) && peers.diskFull(node))
                .toList();
        int needed = replicas.size() / 2 + 1;
        return replicas.size() - full.size() >= needed
                ? Optional.empty()
                : Optional.of(
                        "replicas of " + partition + " with room on their disks: " + (replicas.size() - full.size())
                                + ", full: nodes " + full + " (expected: at least " + needed
                                + " with storage.disk_reserve_bytes free); reads go on");
    }
}
