package io.gq.controller.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.controller.NewTopic;
import io.gq.controller.TestCluster;
import io.gq.proto.v1.BrokerRecord;
import io.gq.proto.v1.ClusterImageRecord;
import io.gq.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterImageCodecTest {

    @Test
    void shouldReadBackWhatItWrote() {
        TestCluster cluster = TestCluster.of(4);
        cluster.setAlive(4, false);
        cluster.take(cluster.proposals.createTopic(
                cluster.image,
                Map.of(),
                new NewTopic("orders", 3, 2, Map.of("retention_ms", "1h", "segment_bytes", "1MB"))));
        cluster.create("audit", 2, 3);
        cluster.create("gone", 2, 3);
        cluster.take(cluster.proposals.deleteTopic(cluster.image, TestCluster.named("gone")));
        cluster.take(cluster.proposals.allocateProducerIds(
                cluster.image, TestCluster.nodes(1).get(0), 1000));

        byte[] bytes = ClusterImageCodec.encode(cluster.image);
        ClusterImage read = ClusterImageCodec.decode(ByteBuffer.wrap(bytes));

        assertThat(read.version()).isEqualTo(cluster.image.version());
        assertThat(read.clusterId()).isEqualTo(TestCluster.CLUSTER_ID);
        assertThat(read.featureLevel()).isEqualTo(ClusterImage.FEATURE_LEVEL);
        assertThat(read.nextProducerId()).isEqualTo(1000);
        assertThat(read.lastTimestampMs()).isEqualTo(cluster.image.lastTimestampMs());
        assertThat(read.brokers()).isEqualTo(cluster.image.brokers());
        assertThat(read.topics()).isEqualTo(cluster.image.topics());
        assertThat(read.deletedTopics()).isEqualTo(cluster.image.deletedTopics());
        assertThat(read.group(read.topics().get(0).partitions().get(1).group())).isPresent();
        assertThat(read.deletedTopicOf(
                        read.deletedTopics().get(0).partitions().get(1).group()))
                .isPresent();
        assertThat(ClusterImageCodec.encode(read)).isEqualTo(bytes);
    }

    @Test
    void shouldRefuseBytesThatAreNoImage() {
        assertThatThrownBy(() -> ClusterImageCodec.decode(ByteBuffer.wrap(new byte[] {-1, -1, -1})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cluster image");
        ClusterImageRecord badBroker = ClusterImageRecord.newBuilder()
                .addBrokers(BrokerRecord.newBuilder().setNodeId(0))
                .build();
        assertThatThrownBy(() -> ClusterImageCodec.fromRecord(badBroker)).hasMessage("nodeId: 0 (expected: >= 1)");
    }

    @Test
    void shouldGiveAnErrorAndNoOtherWhenBytesAreDamaged() {
        TestCluster cluster = TestCluster.of(3);
        cluster.create("orders", 3, 3);
        byte[] bytes = ClusterImageCodec.encode(cluster.image);
        Seeds.check(300, seeds -> {
            byte[] damaged = bytes.clone();
            damaged[seeds.between(0, damaged.length - 1)] ^= (byte) (1 << seeds.between(0, 7));
            try {
                ClusterImageCodec.decode(ByteBuffer.wrap(damaged));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageMatching("(?s).+");
            }
        });
    }
}
