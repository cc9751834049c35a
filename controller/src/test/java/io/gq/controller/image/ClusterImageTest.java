package io.gq.controller.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.controller.TestCluster;
import io.gq.core.GroupId;
import io.gq.core.Invariant;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClusterImageTest {

    private final TestCluster cluster = TestCluster.of(3);

    @Test
    void shouldFindATopicByNameIdAndGroup() {
        TopicImage orders = cluster.create("orders", 4, 3);
        TopicImage audit = cluster.create("audit", 2, 1);

        assertThat(cluster.image.topics()).containsExactly(audit, orders);
        assertThat(cluster.image.topicCount()).isEqualTo(2);
        assertThat(cluster.image.topic("orders")).contains(orders);
        assertThat(cluster.image.topic(orders.id())).contains(orders);
        PartitionImage third = orders.partition(2).orElseThrow();
        assertThat(cluster.image.group(third.group())).contains(new ClusterImage.GroupImage(orders, third));
        assertThat(orders.partition(4)).isEmpty();
        assertThat(orders.partition(-1)).isEmpty();
        assertThat(cluster.image.topic("none")).isEmpty();
        assertThat(cluster.image.topic(new TopicId(new UUID(1, 1)))).isEmpty();
        assertThat(cluster.image.group(new GroupId(new UUID(1, 1)))).isEmpty();
        assertThat(cluster.image.deletedTopicOf(new GroupId(new UUID(1, 1)))).isEmpty();
        assertThat(third.hasReplicaOn(new NodeId(2))).isTrue();
        assertThat(third.hasReplicaOn(new NodeId(9))).isFalse();
    }

    @Test
    void shouldLeaveOlderImagesAsTheyWereWhenChanged() {
        ClusterImage empty = cluster.image;
        TopicImage orders = cluster.create("orders", 1, 1);
        ClusterImage created = cluster.image;
        cluster.take(cluster.proposals.deleteTopic(created, TestCluster.named("orders")));

        assertThat(empty.topics()).isEmpty();
        assertThat(created.topic("orders")).contains(orders);
        assertThat(cluster.image.topic("orders")).isEmpty();
        assertThat(List.of(empty.version(), created.version(), cluster.image.version()))
                .containsExactly(4L, 5L, 6L);
    }

    @Test
    void shouldTellWhichPartsTwoImagesShare() {
        cluster.create("orders", 1, 1);
        ClusterImage before = cluster.image;

        cluster.register(1, 2);
        assertThat(cluster.image.sharesTopics(before)).isTrue();
        assertThat(cluster.image.sharesBrokers(before)).isFalse();

        ClusterImage registered = cluster.image;
        cluster.create("audit", 1, 1);
        assertThat(cluster.image.sharesTopics(registered)).isFalse();
        assertThat(cluster.image.sharesBrokers(registered)).isTrue();
    }

    @Test
    void shouldKnowGroupsOfTombstonesUntilTheyAreGone() {
        TopicImage orders = cluster.create("orders", 1, 2);
        GroupId group = orders.partitions().get(0).group();
        cluster.take(cluster.proposals.deleteTopic(cluster.image, TestCluster.named("orders")));

        assertThat(cluster.image.group(group)).isEmpty();
        assertThat(cluster.image.knowsGroup(group)).isTrue();
        assertThat(cluster.image.deletedTopicOf(group))
                .get()
                .satisfies(deleted -> assertThat(deleted.id()).isEqualTo(orders.id()));

        for (NodeId node : orders.partitions().get(0).replicas()) {
            cluster.take(cluster.proposals.confirmDeletion(cluster.image, node, orders.id()));
        }
        assertThat(cluster.image.knowsGroup(group)).isFalse();
        assertThat(cluster.image.deletedTopics()).isEmpty();
    }

    @Test
    void shouldNeverGoBackInTime() {
        ClusterImage later = ClusterImage.EMPTY.change(1000).build();

        assertThat(later.change(10).build().lastTimestampMs()).isEqualTo(1000);
    }

    @Test
    void shouldStopWhenADefectUsesAGroupTwice() {
        TopicImage orders = cluster.create("orders", 1, 1);
        TopicImage thief = new TopicImage(new TopicId(new UUID(1, 1)), "thief", 0, Map.of(), orders.partitions());

        assertThatThrownBy(() -> cluster.image.change(0).topic(thief)).isInstanceOf(Invariant.Violation.class);
        assertThatThrownBy(() -> cluster.image.change(0).deleteTopic(thief.id()))
                .isInstanceOf(Invariant.Violation.class);
        assertThatThrownBy(() -> cluster.image.change(0).nextProducerId(-1)).isInstanceOf(Invariant.Violation.class);
    }

    @Test
    void shouldRefuseValuesThatCannotBe() {
        GroupId group = new GroupId(new UUID(1, 2));
        PeerId one = new PeerId(new NodeId(1), TestCluster.incarnation(1));

        assertThatThrownBy(() -> new PartitionImage(-1, group, List.of(one)))
                .hasMessage("partition: -1 (expected: >= 0)");
        assertThatThrownBy(() -> new PartitionImage(0, group, List.of())).hasMessageContaining("no replicas");
        assertThatThrownBy(() -> new PartitionImage(0, group, List.of(one, one)))
                .hasMessageContaining("node 1 twice");
        assertThatThrownBy(() -> new TopicImage(
                        new TopicId(new UUID(1, 1)),
                        "t",
                        0,
                        Map.of(),
                        List.of(new PartitionImage(1, group, List.of(one)))))
                .hasMessage("partition: 1 (expected: 0, in order without gaps)");
        assertThatThrownBy(() -> new ListenerAddress("", 1)).hasMessageContaining("host: ''");
        assertThatThrownBy(() -> new ListenerAddress("h", 0)).hasMessage("port: 0 (expected: 1 to 65535)");
        assertThatThrownBy(() -> new BrokerImage(one, -1, "", Map.of(), true)).hasMessageContaining("processEpoch: -1");
        assertThatThrownBy(() -> new BrokerImage(one, 1, "r".repeat(250), Map.of(), true))
                .hasMessageContaining("rack");
        assertThatThrownBy(() -> new BrokerImage(one, 1, "", Map.of(" ", new ListenerAddress("h", 1)), true))
                .hasMessageContaining("listener name");
    }

    @Test
    void shouldPrintAddressesAsPeopleWriteThem() {
        assertThat(new ListenerAddress("::1", 80)).hasToString("[::1]:80");
        assertThat(new ListenerAddress("host", 80)).hasToString("host:80");
    }
}
