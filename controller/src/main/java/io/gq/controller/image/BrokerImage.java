package io.gq.controller.image;

import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A broker as it last registered.
 *
 * @param peer node and incarnation of its storage
 * @param processEpoch of the run of the process that registered; grows with each start on the same storage
 * @param rack empty where none is configured
 * @param listeners advertised addresses by listener name
 * @param alive false while the controller misses its heartbeats
 */
public record BrokerImage(
        PeerId peer, long processEpoch, String rack, SortedMap<String, ListenerAddress> listeners, boolean alive) {

    private static final int RACK_LENGTH_MAX = 249;
    private static final int LISTENERS_MAX = 32;
    private static final int LISTENER_NAME_LENGTH_MAX = 64;

    public BrokerImage {
        if (processEpoch < 0) {
            throw new IllegalArgumentException("processEpoch: " + processEpoch + " (expected: >= 0)");
        }
        if (rack.length() > RACK_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "rack: " + rack.length() + " characters (expected: <= " + RACK_LENGTH_MAX + ")");
        }
        if (listeners.size() > LISTENERS_MAX) {
            throw new IllegalArgumentException(
                    "listeners: " + listeners.size() + " (expected: <= " + LISTENERS_MAX + ")");
        }
        for (String name : listeners.keySet()) {
            if (name.isBlank() || name.length() > LISTENER_NAME_LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "listener name: '" + name + "' (expected: 1 to " + LISTENER_NAME_LENGTH_MAX + " characters)");
            }
        }
        listeners = Collections.unmodifiableSortedMap(new TreeMap<>(listeners));
    }

    public BrokerImage(
            PeerId peer, long processEpoch, String rack, Map<String, ListenerAddress> listeners, boolean alive) {
        this(peer, processEpoch, rack, new TreeMap<>(listeners), alive);
    }

    public NodeId node() {
        return peer.node();
    }

    public String incarnation() {
        return peer.incarnation();
    }

    public BrokerImage withAlive(boolean value) {
        return new BrokerImage(peer, processEpoch, rack, listeners, value);
    }
}
