package io.gq.controller.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.controller.TestCluster;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.Decision;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.AllocateProducerIds;
import org.junit.jupiter.api.Test;

class ProducerIdBlocksTest {

    private final ClusterImage image = TestCluster.of(2).image;

    @Test
    void shouldHandOutBlocksEndToEnd() {
        Decision first = allocate(image, 1, 1000);
        Decision second = allocate(first.image(), 2, 5);

        assertThat(first.producerIdStart()).isZero();
        assertThat(first.producerIdCount()).isEqualTo(1000);
        assertThat(second.producerIdStart()).isEqualTo(1000);
        assertThat(second.image().nextProducerId()).isEqualTo(1005);
    }

    @Test
    void shouldRefuseAnUnreasonableCount() {
        assertThat(allocate(image, 1, 0).message()).isEqualTo("producer ids: 0 (expected: 1 to 1000000)");
        assertThat(allocate(image, 1, -5).error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(allocate(image, 1, 1_000_001).error()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void shouldRefuseAnUnknownNode() {
        assertThat(allocate(image, 3, 1).error()).isEqualTo(ErrorCode.UNKNOWN_BROKER);
        assertThat(allocate(image, 0, 1).error()).isEqualTo(ErrorCode.UNKNOWN_BROKER);
    }

    @Test
    void shouldRefuseWhenNoneAreLeft() {
        ClusterImage last = image.change(0).nextProducerId(Long.MAX_VALUE - 1).build();

        assertThat(allocate(last, 1, 2).message()).isEqualTo("producer ids: none left");
        assertThat(allocate(last, 1, 1).isAccepted()).isTrue();
    }

    private static Decision allocate(ClusterImage image, int node, int count) {
        return ProducerIdBlocks.allocate(
                image,
                AllocateProducerIds.newBuilder().setNodeId(node).setCount(count).build(),
                1);
    }
}
