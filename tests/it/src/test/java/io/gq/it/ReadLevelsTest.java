package io.gq.it;

import static io.gq.it.cluster.Topics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.FetchedPartition;
import io.gq.proto.v1.ReadLevel;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who may answer a read, and what it must know before it does. */
@Tag("cluster")
@Order(4)
@SharedCluster(SharedCluster.CALM)
class ReadLevelsTest {

    @Test
    void shouldSeeAcknowledgedRecordOnFollowerWhenReadIsLinearizable(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("linear", 1, 3);
        for (int i = 0; i < 30; i++) {
            long offset = topics.append("linear", 0, bytes("value " + i));
            BrokerProcess follower = topics.followers("linear", 0).get(i % 2);
            try (RawClient client = new RawClient(follower.address())) {
                assertThat(client.latest("linear", 0, ReadLevel.READ_LEVEL_LINEARIZABLE)
                                .getOffset())
                        .as("end on broker %d at once after offset %d was acknowledged", follower.node(), offset)
                        .isEqualTo(offset + 1);
                FetchedPartition fetched = client.fetch("linear", 0, offset, ReadLevel.READ_LEVEL_LINEARIZABLE);
                assertThat(fetched.hasError()).as(fetched.getError().toString()).isFalse();
                assertThat(fetched.getNextOffset()).isEqualTo(offset + 1);
            }
        }
    }

    @Test
    void shouldRefuseLeaderReadWhenFollowerIsAsked(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("leader-only", 1, 3);
        topics.append("leader-only", 0, bytes("x"));
        try (RawClient client =
                new RawClient(topics.followers("leader-only", 0).get(0).address())) {
            FetchedPartition fetched = client.fetch("leader-only", 0, 0, ReadLevel.READ_LEVEL_LEADER);

            assertThat(fetched.getError().getName()).isEqualTo("NOT_LEADER");
            assertThat(fetched.getError().getLeader().getNodeId())
                    .isEqualTo(topics.leader("leader-only", 0).node());
        }
    }

    @Test
    void shouldServeCommittedReadsFromFollower(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("followed", 1, 3);
        for (int i = 0; i < 10; i++) {
            topics.append("followed", 0, bytes("value " + i));
        }
        topics.awaitReplicasEqual("followed");
        for (BrokerProcess follower : topics.followers("followed", 0)) {
            try (RawClient client = new RawClient(follower.address())) {
                assertThat(client.dump("followed", 0, ReadLevel.READ_LEVEL_COMMITTED)
                                .rows())
                        .hasSize(10);
            }
        }
    }
}
