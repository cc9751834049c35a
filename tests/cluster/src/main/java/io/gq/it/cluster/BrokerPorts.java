package io.gq.it.cluster;

import io.gq.testing.Ports;

/** Where one broker listens, all on the loopback address. */
public record BrokerPorts(int grpc, int raft, int replicated, int controller, int http) {
    static BrokerPorts free() {
        return new BrokerPorts(Ports.free(), Ports.free(), Ports.free(), Ports.free(), Ports.free());
    }
}
