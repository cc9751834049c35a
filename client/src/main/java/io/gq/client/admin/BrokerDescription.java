package io.gq.client.admin;

/**
 * One broker as the cluster sees it.
 *
 * @param address where it listens for clients, {@code host:port}
 * @param incarnation of its storage
 */
public record BrokerDescription(
        int node, String address, String rack, boolean alive, String incarnation, int replicas, int leaders) {}
