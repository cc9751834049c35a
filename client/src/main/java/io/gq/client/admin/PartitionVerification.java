package io.gq.client.admin;

import io.gq.core.TopicPartition;
import java.util.List;

/**
 * What the replicas of a partition found on their disks.
 *
 * @param fromOffset and {@code toOffset}, exclusive: what the replicas' digests are over
 */
public record PartitionVerification(
        TopicPartition partition, long fromOffset, long toOffset, List<ReplicaVerification> replicas) {

    public PartitionVerification {
        replicas = List.copyOf(replicas);
    }

    /** Whether all replicas that are whole hold the same. */
    public boolean equal() {
        return replicas.stream()
                        .filter(ReplicaVerification::clean)
                        .map(ReplicaVerification::digest)
                        .distinct()
                        .count()
                <= 1;
    }

    /** Whether every replica was verified, is whole, and holds the same as the others. */
    public boolean clean() {
        return equal() && replicas.stream().allMatch(ReplicaVerification::clean);
    }
}
