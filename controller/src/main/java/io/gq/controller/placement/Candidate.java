package io.gq.controller.placement;

import io.gq.core.NodeId;

/**
 * A live broker that may get replicas.
 *
 * @param rack empty where none is configured
 * @param replicas partitions it holds a replica of
 * @param leaders partitions it is the preferred leader of
 */
public record Candidate(NodeId node, String rack, int replicas, int leaders, BrokerLoad load) {}
