package io.gq.client.admin;

import java.util.List;

/**
 * What one replica of a partition found when it read all that it holds from its disk.
 *
 * @param role as in {@link ReplicaDescription}
 * @param startOffset first offset read
 * @param endOffset end of what was read, exclusive
 * @param digest over the offsets that all replicas were asked for; equal where they hold the same
 * @param damage what is wrong and where, one sentence each
 * @param error why nothing was verified, else empty
 */
public record ReplicaVerification(
        int node,
        String role,
        long startOffset,
        long endOffset,
        long bytes,
        String digest,
        List<String> damage,
        String error) {

    public ReplicaVerification {
        damage = List.copyOf(damage);
    }

    /** Whether it was read to its end and all was as it was written. */
    public boolean clean() {
        return error.isEmpty() && damage.isEmpty();
    }
}
