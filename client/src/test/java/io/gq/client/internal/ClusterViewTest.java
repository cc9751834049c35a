package io.gq.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.gq.client.BrokerAddress;
import io.gq.core.TopicPartition;
import io.gq.proto.v1.BrokerInfo;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.LeaderHint;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.NewLeader;
import io.gq.proto.v1.PartitionInfo;
import io.gq.proto.v1.TopicInfo;
import io.gq.proto.v1.TopicRef;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterViewTest {

    private static final TopicPartition TP = new TopicPartition("t", 0);

    @Test
    void shouldKeepTheLeaderOfTheHigherTermWhoeverAnswersLast() {
        ClusterView view = ClusterView.EMPTY.mergedWith(answer(5, "a", 2, 7));

        assertThat(leader(view.mergedWith(answer(6, "a", 1, 6)))).isEqualTo(2);
        assertThat(leader(view.mergedWith(answer(4, "a", 3, 8)))).isEqualTo(3);
        assertThat(leader(view.mergedWith(answer(5, "a", 0, 8)))).isZero();
    }

    @Test
    void shouldKeepKnownLeaderWhenAnotherBrokerKnowsNoneOfThatTerm() {
        ClusterView view = ClusterView.EMPTY.mergedWith(answer(5, "a", 2, 7));

        assertThat(leader(view.mergedWith(answer(5, "a", 0, 7)))).isEqualTo(2);
        assertThat(leader(view.mergedWith(answer(5, "a", 0, 0)))).isEqualTo(2);
    }

    @Test
    void shouldTakeToldLeadersOnlyOfAHigherTermAndOfTheSameTopic() {
        ClusterView view = ClusterView.EMPTY.mergedWith(answer(5, "a", 2, 7));

        assertThat(leader(view.withLeaders(List.of(told("a", 3, 8))))).isEqualTo(3);
        assertThat(leader(view.withLeaders(List.of(told("a", 3, 6))))).isEqualTo(2);
        assertThat(view.withLeaders(List.of(told("b", 3, 8)))).isEqualTo(view);
        assertThat(view.withLeaders(List.of(told("a", 0, 8)))).isEqualTo(view);
        assertThat(view.withLeaders(List.of(told("a", 3, 8))).address(3)).contains(new BrokerAddress("told", 3));
    }

    private static NewLeader told(String topicId, int node, long term) {
        return NewLeader.newBuilder()
                .setTopic(TopicRef.newBuilder().setName("t").setId(ByteString.copyFromUtf8(topicId)))
                .setPartition(0)
                .setLeader(LeaderHint.newBuilder()
                        .setNodeId(node)
                        .setTerm(term)
                        .setEndpoint(Endpoint.newBuilder().setHost("told").setPort(Math.max(1, node))))
                .build();
    }

    @Test
    void shouldForgetTermsWhenTopicIsMadeAgain() {
        ClusterView view = ClusterView.EMPTY.mergedWith(answer(5, "a", 2, 7));

        assertThat(leader(view.mergedWith(answer(6, "b", 1, 1)))).isEqualTo(1);
        assertThat(leader(view.mergedWith(answer(4, "b", 1, 1))))
                .as("an older image")
                .isEqualTo(2);
    }

    @Test
    void shouldBelieveThatTopicIsGoneOnlyOfANewerImage() {
        ClusterView view = ClusterView.EMPTY.mergedWith(answer(5, "a", 2, 7));
        TopicInfo gone = TopicInfo.newBuilder()
                .setName("t")
                .setError(Error.newBuilder().setName("UNKNOWN_TOPIC"))
                .build();

        ClusterView stale = view.mergedWith(
                MetadataResponse.newBuilder().setImageVersion(4).addTopics(gone).build());
        ClusterView fresh = view.mergedWith(
                MetadataResponse.newBuilder().setImageVersion(6).addTopics(gone).build());

        assertThat(stale.topics()).containsKey("t");
        assertThat(fresh.topics()).doesNotContainKey("t");
        assertThat(fresh.missing()).containsExactly("t");
    }

    @Test
    void shouldTakeHintOverWhenItIsNewerAndIgnoreItWhenNot() {
        ClusterView view = ClusterView.EMPTY.mergedWith(answer(5, "a", 2, 7));
        LeaderHint newer = LeaderHint.newBuilder()
                .setNodeId(9)
                .setTerm(8)
                .setEndpoint(Endpoint.newBuilder().setHost("h").setPort(99))
                .build();

        ClusterView hinted = view.withHint(TP, newer);

        assertThat(leader(hinted)).isEqualTo(9);
        assertThat(hinted.address(9)).contains(new BrokerAddress("h", 99));
        assertThat(leader(hinted.withHint(
                        TP, newer.toBuilder().setNodeId(3).setTerm(7).build())))
                .isEqualTo(9);
        assertThat(view.withHint(TP, LeaderHint.getDefaultInstance())).isSameAs(view);
        assertThat(view.withHint(new TopicPartition("other", 0), newer)).isSameAs(view);
    }

    private static int leader(ClusterView view) {
        return view.partition(TP).orElseThrow().leader();
    }

    private static MetadataResponse answer(long imageVersion, String id, int leader, long term) {
        return MetadataResponse.newBuilder()
                .setImageVersion(imageVersion)
                .addBrokers(BrokerInfo.newBuilder()
                        .setNodeId(1)
                        .setAlive(true)
                        .setEndpoint(Endpoint.newBuilder().setHost("127.0.0.1").setPort(1)))
                .addTopics(TopicInfo.newBuilder()
                        .setName("t")
                        .setId(ByteString.copyFromUtf8(id))
                        .addPartitions(
                                PartitionInfo.newBuilder().setLeader(leader).setLeaderTerm(term)))
                .build();
    }
}
