package io.gq.broker.host;

import io.gq.core.GroupId;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The replicas open on this node. Safe for use by many threads. */
public final class HostedPartitions {

    private final ConcurrentHashMap<GroupId, HostedPartition> partitions = new ConcurrentHashMap<>();

    public Optional<HostedPartition> find(GroupId group) {
        return Optional.ofNullable(partitions.get(group));
    }

    public Collection<HostedPartition> all() {
        return partitions.values();
    }

    /** What was hosted under the same id, while it rejoined, is closed. */
    void add(HostedPartition partition) {
        HostedPartition before = partitions.put(partition.id(), partition);
        if (before != null) {
            before.close();
        }
    }

    Optional<HostedPartition> remove(GroupId group) {
        return Optional.ofNullable(partitions.remove(group));
    }
}
