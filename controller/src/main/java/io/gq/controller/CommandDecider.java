package io.gq.controller;

import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.controller.image.Wire;
import io.gq.controller.membership.BrokerRegistry;
import io.gq.controller.producer.ProducerIdBlocks;
import io.gq.controller.topic.TopicControl;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.FoundCluster;

/** Decides a command from an image: the same verdict on every replica, and on the leader that tries a command before proposing it. */
final class CommandDecider {

    private CommandDecider() {}

    static Decision decide(ClusterImage image, ControllerCommand command) {
        long timestampMs = command.getTimestampMs();
        if (timestampMs < 0) {
            return Decision.refused(
                    image, ErrorCode.INVALID_REQUEST, "timestamp: " + timestampMs + " ms (expected: >= 0)");
        }
        return switch (command.getCommandCase()) {
            case FOUND_CLUSTER -> found(image, command.getFoundCluster(), timestampMs);
            case REGISTER_BROKER -> BrokerRegistry.register(image, command.getRegisterBroker(), timestampMs);
            case SET_BROKER_STATE -> BrokerRegistry.setState(image, command.getSetBrokerState(), timestampMs);
            case CREATE_TOPIC -> TopicControl.create(image, command.getCreateTopic(), timestampMs);
            case DELETE_TOPIC -> TopicControl.delete(image, command.getDeleteTopic(), timestampMs);
            case ALTER_TOPIC -> TopicControl.alter(image, command.getAlterTopic(), timestampMs);
            case ADD_PARTITIONS -> TopicControl.addPartitions(image, command.getAddPartitions(), timestampMs);
            case CONFIRM_DELETION -> TopicControl.confirmDeletion(image, command.getConfirmDeletion(), timestampMs);
            case ALLOCATE_PRODUCER_IDS ->
                ProducerIdBlocks.allocate(image, command.getAllocateProducerIds(), timestampMs);
            case COMMAND_NOT_SET ->
                Decision.refused(
                        image, ErrorCode.UNSUPPORTED_VERSION, "controller command: none that this version knows");
        };
    }

    /** Gives the cluster its id, once. */
    private static Decision found(ClusterImage image, FoundCluster command, long timestampMs) {
        try {
            Wire.uuid("cluster id", command.getClusterId());
        } catch (IllegalArgumentException e) {
            return Decision.refused(image, ErrorCode.INVALID_REQUEST, e.getMessage());
        }
        if (image.clusterId().equals(command.getClusterId())) {
            return Decision.accepted(image);
        }
        if (!image.clusterId().isEmpty()) {
            return Decision.refused(
                    image,
                    ErrorCode.CLUSTER_MISMATCH,
                    "cluster id: " + command.getClusterId() + " (expected: " + image.clusterId() + ")");
        }
        return Decision.accepted(
                image.change(timestampMs).clusterId(command.getClusterId()).build());
    }
}
