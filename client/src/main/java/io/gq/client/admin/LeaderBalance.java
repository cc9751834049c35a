package io.gq.client.admin;

/**
 * What balancing leaders did, in partitions.
 *
 * @param preferred led by their preferred leader before
 * @param left not moved: nobody leads them, the preferred leader is not alive, or it did not take over in time
 */
public record LeaderBalance(int moved, int preferred, int left) {}
