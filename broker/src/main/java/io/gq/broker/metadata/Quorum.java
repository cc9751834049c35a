package io.gq.broker.metadata;

import io.gq.controller.image.PartitionImage;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.TopicPartition;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Whether so many replicas of a partition are heard of that one of them can lead. */
public final class Quorum {

    private Quorum() {}

    /** NO_QUORUM with the nodes that are missing; empty where enough are heard of. */
    public static Optional<BrokerException> missing(
            TopicPartition name, PartitionImage partition, Predicate<NodeId> heard) {
        List<NodeId> missing =
                partition.replicas().stream().filter(heard.negate()).toList();
        int replicas = partition.replicas().size();
        int needed = replicas / 2 + 1;
        if (replicas - missing.size() >= needed) {
            return Optional.empty();
        }
        return Optional.of(new BrokerException(
                ErrorCode.NO_QUORUM,
                name + ": " + (replicas - missing.size()) + " of " + replicas + " replicas alive, missing nodes "
                        + missing + " (expected: at least " + needed + " alive)"));
    }
}
