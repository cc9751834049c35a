package io.gq.controller.producer;

import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.proto.v1.AllocateProducerIds;

/** Hands out producer ids in blocks; none is ever handed out twice. */
public final class ProducerIdBlocks {

    /** The most ids one command may ask for. */
    public static final int COUNT_MAX = 1_000_000;

    private ProducerIdBlocks() {}

    public static Decision allocate(ClusterImage image, AllocateProducerIds command, long timestampMs) {
        int count = command.getCount();
        if (count < 1 || count > COUNT_MAX) {
            return Decision.refused(
                    image, ErrorCode.INVALID_REQUEST, "producer ids: " + count + " (expected: 1 to " + COUNT_MAX + ")");
        }
        if (command.getNodeId() < 1
                || image.broker(new NodeId(command.getNodeId())).isEmpty()) {
            return Decision.refused(
                    image,
                    ErrorCode.UNKNOWN_BROKER,
                    "node: " + command.getNodeId() + " (expected: a registered broker)");
        }
        long start = image.nextProducerId();
        if (start > Long.MAX_VALUE - count) {
            return Decision.refused(image, ErrorCode.INVALID_REQUEST, "producer ids: none left");
        }
        ClusterImage next =
                image.change(timestampMs).nextProducerId(start + count).build();
        return Decision.block(next, start, count);
    }
}
