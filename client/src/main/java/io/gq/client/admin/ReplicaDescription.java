package io.gq.client.admin;

/**
 * What one replica of a partition says of itself.
 *
 * @param role LEADER, FOLLOWER, CANDIDATE, LEARNER, CLOSED, DAMAGED, REBUILDING, or DISTRUSTED: it may have forgotten
 *     records when its machine went down, and waits to be taken in anew
 * @param logStartOffset first offset held
 * @param highWatermark end of what is committed, exclusive
 * @param logEndOffset end of what is written, exclusive
 * @param bytes of payload held
 * @param digest over the committed records, where it was asked for, else empty
 * @param error why it does not serve, else empty
 */
public record ReplicaDescription(
        int node,
        int partition,
        String role,
        long term,
        long lastIndex,
        long commitIndex,
        long logStartOffset,
        long highWatermark,
        long logEndOffset,
        long bytes,
        String digest,
        String error,
        String peerId) {}
