package io.gq.broker.config;

import io.gq.core.NodeId;

/** A node that votes in the controller group and its gRPC address: {@code 1@127.0.0.1:9092}. */
public record ControllerAddress(NodeId node, HostPort address) {

    static final String EXPECTED = "a list of <node id>@<host>:<gRPC port>, e.g. 1@127.0.0.1:9092";

    /** @throws IllegalArgumentException where the text has another form */
    public static ControllerAddress parse(String text) {
        int at = text.indexOf('@');
        if (at < 1) {
            throw new IllegalArgumentException("controller: '" + text + "' (expected: " + EXPECTED + ")");
        }
        return new ControllerAddress(
                new NodeId(Integer.parseInt(text.substring(0, at).trim())), HostPort.parse(text.substring(at + 1)));
    }

    @Override
    public String toString() {
        return node + "@" + address;
    }
}
