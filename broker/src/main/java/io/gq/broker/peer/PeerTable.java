package io.gq.broker.peer;

import io.gq.core.NodeId;
import io.gq.proto.v1.BrokerLoad;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.HeartbeatRequest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * What the other brokers last said of themselves: where they listen, how loaded they are, when they were heard. Soft state. Safe for
 * use by many threads.
 */
public final class PeerTable {

    /**
     * @param heardNanos {@link System#nanoTime} clock of the last heartbeat
     * @param stopping the broker is in a graceful stop
     */
    public record PeerState(
            NodeId node,
            String incarnation,
            long processEpoch,
            Map<String, Endpoint> listeners,
            BrokerLoad load,
            boolean stopping,
            long heardNanos) {}

    /** A node's endpoint changed or was learnt. */
    public record Address(NodeId node, String listener, Endpoint endpoint) {}

    private final ConcurrentHashMap<NodeId, PeerState> states = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<NodeId, Map<String, Endpoint>> addresses = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Consumer<Address>> addressListeners = new CopyOnWriteArrayList<>();

    /** Takes one heartbeat. */
    public PeerState heard(HeartbeatRequest beat, long nowNanos) {
        NodeId node = new NodeId(beat.getNodeId());
        PeerState state = new PeerState(
                node,
                beat.getIncarnation(),
                beat.getProcessEpoch(),
                Map.copyOf(beat.getListenersMap()),
                beat.getLoad(),
                beat.getStopping(),
                nowNanos);
        states.put(node, state);
        learn(node, state.listeners());
        return state;
    }

    /** Learns where a node listens, from a heartbeat, a probe, the image or the address file. */
    public void learn(NodeId node, Map<String, Endpoint> listeners) {
        if (listeners.isEmpty()) {
            return;
        }
        Map<String, Endpoint> before = addresses.put(node, Map.copyOf(listeners));
        listeners.forEach((name, endpoint) -> {
            if (before == null || !endpoint.equals(before.get(name))) {
                addressListeners.forEach(l -> l.accept(new Address(node, name, endpoint)));
            }
        });
    }

    /** Calls back for every endpoint already known and every one that changes. */
    public void onAddress(Consumer<Address> listener) {
        addressListeners.add(listener);
        addresses.forEach((node, listeners) ->
                listeners.forEach((name, endpoint) -> listener.accept(new Address(node, name, endpoint))));
    }

    public Optional<PeerState> state(NodeId node) {
        return Optional.ofNullable(states.get(node));
    }

    public Map<NodeId, PeerState> states() {
        return Map.copyOf(states);
    }

    public Optional<Endpoint> endpoint(NodeId node, String listener) {
        return Optional.ofNullable(addresses.getOrDefault(node, Map.of()).get(listener));
    }

    /** Every endpoint known, by node and listener name. */
    public Map<NodeId, Map<String, Endpoint>> addresses() {
        return Map.copyOf(addresses);
    }

    /** True where the node last said that its disk takes no more appends. */
    public boolean diskFull(NodeId node) {
        PeerState state = states.get(node);
        return state != null && state.load().getDiskFull();
    }

    /** True where any node last said so. */
    public boolean anyDiskFull() {
        for (PeerState state : states.values()) {
            if (state.load().getDiskFull()) {
                return true;
            }
        }
        return false;
    }

    /** True where the node was heard within the span. */
    public boolean heardWithin(NodeId node, long spanNanos, long nowNanos) {
        PeerState state = states.get(node);
        return state != null && nowNanos - state.heardNanos() <= spanNanos;
    }
}
