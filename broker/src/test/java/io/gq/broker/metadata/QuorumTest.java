package io.gq.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.controller.image.PartitionImage;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicPartition;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class QuorumTest {

    private static final TopicPartition NAME = new TopicPartition("orders", 0);

    @Test
    void shouldNameMissingNodesWhenMajorityIsGone() {
        Optional<BrokerException> missing = missing(Set.of(2), 1, 2, 3);

        assertThat(missing).hasValueSatisfying(e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.NO_QUORUM);
            assertThat(e)
                    .hasMessage("orders-0: 1 of 3 replicas alive, missing nodes [1, 3] (expected: at least 2 alive)");
        });
    }

    @Test
    void shouldSayNothingWhenMajorityIsHeard() {
        assertThat(missing(Set.of(1, 3), 1, 2, 3)).isEmpty();
        assertThat(missing(Set.of(4), 4)).isEmpty();
    }

    @Test
    void shouldNeedBothOfTwo() {
        assertThat(missing(Set.of(1), 1, 2)).isPresent();
    }

    private static Optional<BrokerException> missing(Set<Integer> heard, Integer... replicas) {
        PartitionImage partition = new PartitionImage(
                0,
                new GroupId(new UUID(0, 1)),
                Stream.of(replicas)
                        .map(node -> new PeerId(new NodeId(node), "000000000000000" + node))
                        .toList());
        return Quorum.missing(NAME, partition, node -> heard.contains(node.value()));
    }
}
