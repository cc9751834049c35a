package io.gq.client.admin;

/**
 * A broker as another broker's liveness mesh sees it.
 *
 * @param state ALIVE; DEAD; STALLED, held for dead because its disk writes nothing; or UNKNOWN where it was never heard
 * @param silentMs since it was last heard; -1: never
 * @param limitMs silence after which it would be held for dead
 * @param gapMaxMs longest gap between its beacons in the last 10 to 20 s
 * @param deaths how often it was held for dead since the answering broker started
 */
public record MeshPeerDescription(int node, String state, long silentMs, long limitMs, long gapMaxMs, long deaths) {}
