package io.gq.client.internal;

import io.gq.client.GqException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the client knows of one partition.
 *
 * @param leader node id; 0: none known
 * @param term of that leader
 * @param replicas node ids, the preferred leader first
 * @param trouble why nobody leads, as a broker said: NO_QUORUM with the nodes that are missing
 */
public record PartitionView(
        int leader,
        long term,
        List<Integer> replicas,
        @Nullable GqException trouble) {

    public PartitionView {
        replicas = List.copyOf(replicas);
    }

    public PartitionView(int leader, long term, List<Integer> replicas) {
        this(leader, term, replicas, null);
    }

    /** The newer of two pieces of knowledge about who leads: the higher term; in one term, the one that names a leader. */
    PartitionView mergedWith(PartitionView fresh) {
        boolean newer = fresh.term > term || (fresh.term == term && fresh.leader != 0);
        return newer ? fresh : new PartitionView(leader, term, fresh.replicas, fresh.trouble);
    }
}
