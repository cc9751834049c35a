package io.gq.client.admin;

/**
 * What one replica of a partition says of itself.
 *
 * @param role LEADER, FOLLOWER, CANDIDATE, LEARNER, CLOSED, DAMAGED or REBUILDING; DISTRUSTED where it may have forgotten records when
 *     its machine went down, and waits to be taken in anew; UNREACHABLE where its broker does not answer
 * @param logStartOffset first offset held
 * @param highWatermark end of what is committed, exclusive
 * @param logEndOffset end of what is written, exclusive
 * @param bytes of payload held
 * @param digest over the committed records, where it was asked for, else empty
 * @param error why it does not serve, else empty
 * @param follows the node it takes for the leader; 0: none
 * @param votedFor the node it voted for in its term; 0: for none, or not known
 * @param diskFull its node takes no more appends
 * @param lastTerm the term of its last entry; 0: not known
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
        String peerId,
        int follows,
        int votedFor,
        boolean diskFull,
        long diskFreeBytes,
        long lastTerm) {

    /** Whether it answered. */
    public boolean reachable() {
        return !role.equals("UNREACHABLE");
    }
}
