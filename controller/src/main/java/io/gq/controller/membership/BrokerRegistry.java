package io.gq.controller.membership;

import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.controller.image.Wire;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.proto.v1.RegisterBroker;
import io.gq.proto.v1.SetBrokerState;
import java.util.Optional;

/**
 * Which brokers there are. Assignments name nodes, so neither a restart nor a new incarnation of a node's storage changes any.
 *
 * <pre>
 *   (unknown) --register--> alive --missed heartbeats--> failed --heartbeat or register--> alive
 * </pre>
 */
public final class BrokerRegistry {

    private BrokerRegistry() {}

    /**
     * Takes a broker in, or takes note of its restart. A new incarnation of a known node replaces the old one; a run older than the
     * known one of the same storage is refused, so that two processes on one node id do not take turns.
     */
    public static Decision register(ClusterImage image, RegisterBroker command, long timestampMs) {
        BrokerImage broker;
        try {
            broker = new BrokerImage(
                    new PeerId(new NodeId(command.getNodeId()), command.getIncarnation()),
                    command.getProcessEpoch(),
                    command.getRack(),
                    Wire.listeners(command.getListenersMap()),
                    true);
        } catch (IllegalArgumentException e) {
            return Decision.refused(image, ErrorCode.INVALID_REQUEST, "register broker: " + e.getMessage());
        }
        Optional<BrokerImage> known = image.broker(broker.node());
        if (known.isPresent()
                && known.get().peer().equals(broker.peer())
                && known.get().processEpoch() > broker.processEpoch()) {
            return Decision.refused(
                    image,
                    ErrorCode.INVALID_REQUEST,
                    "register broker " + broker.node() + ": process epoch: " + broker.processEpoch() + " (expected: >= "
                            + known.get().processEpoch() + ", the newest run known)");
        }
        if (known.isPresent() && known.get().equals(broker)) {
            return Decision.accepted(image);
        }
        return Decision.accepted(image.change(timestampMs).broker(broker).build());
    }

    /** Marks a broker failed or alive; without effect where the broker has registered anew since. */
    public static Decision setState(ClusterImage image, SetBrokerState command, long timestampMs) {
        Optional<BrokerImage> known =
                command.getNodeId() < 1 ? Optional.empty() : image.broker(new NodeId(command.getNodeId()));
        if (known.isEmpty()) {
            return Decision.refused(
                    image,
                    ErrorCode.UNKNOWN_BROKER,
                    "node: " + command.getNodeId() + " (expected: a registered broker)");
        }
        BrokerImage broker = known.get();
        if (broker.processEpoch() != command.getProcessEpoch() || broker.alive() == command.getAlive()) {
            return Decision.accepted(image);
        }
        return Decision.accepted(image.change(timestampMs)
                .broker(broker.withAlive(command.getAlive()))
                .build());
    }
}
