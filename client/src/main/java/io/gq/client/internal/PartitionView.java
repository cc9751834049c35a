package io.gq.client.internal;

import java.util.List;

/**
 * What the client knows of one partition.
 *
 * @param leader node id; 0: none known
 * @param term of that leader
 * @param replicas node ids, the preferred leader first
 */
public record PartitionView(int leader, long term, List<Integer> replicas) {

    public PartitionView {
        replicas = List.copyOf(replicas);
    }

    /** The newer of two pieces of knowledge about who leads: the higher term; in one term, the one that names a leader. */
    PartitionView mergedWith(PartitionView fresh) {
        boolean newer = fresh.term > term || (fresh.term == term && fresh.leader != 0);
        return newer ? fresh : new PartitionView(leader, term, fresh.replicas);
    }
}
