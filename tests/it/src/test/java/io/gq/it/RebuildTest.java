package io.gq.it;

import static io.gq.it.cluster.Topics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.core.ErrorCode;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.DataFiles;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.it.load.Load;
import io.gq.proto.v1.ReadLevel;
import io.gq.proto.v1.ReplicaStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Replicas whose files were taken away or damaged come back equal, and never harm the others. */
@Tag("cluster")
@Order(22)
@SharedCluster(SharedCluster.FAULTY)
class RebuildTest {

    @Test
    void shouldComeBackEqualWhenDataDirectoryWasDeleted(ClusterFixture cluster) {
        try (Load load = Load.start(cluster, "wiped", 8)) { // more than are brought up at once
            load.awaitAcknowledged(6_000); // until the Raft logs no longer begin at 0: copies are needed
            BrokerProcess victim = load.topics().leader("wiped", 0);
            String before = peerId(load.topics(), "wiped", victim);

            victim.kill();
            victim.wipe();
            load.awaitAcknowledged(500); // it misses these
            victim.start();
            victim.awaitReady();
            load.awaitAcknowledged(200);

            load.assertNothingLost(6_700); // includes: all replicas equal
            assertThat(peerId(load.topics(), "wiped", victim))
                    .as("an empty disk never comes back under its old name")
                    .isNotEqualTo(before);
        }
    }

    @Test
    void shouldBeRebuiltWhenMiddleOfSegmentIsCorrupt(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("rotten", 1, 3);
        List<String> markers = IntStream.range(0, 60)
                .mapToObj(i -> "<" + UUID.randomUUID() + ">")
                .toList();
        // more than the Raft log holds too: that would be mended from there
        markers.forEach(marker -> topics.append("rotten", 0, bytes(marker + "y".repeat(1500))));
        topics.awaitReplicasEqual("rotten");
        BrokerProcess victim = topics.followers("rotten", 0).get(0);
        String group = topics.groupId("rotten", 0);
        victim.kill();
        Path segment = DataFiles.segments(victim.dataDir(), group).get(0);
        int at = DataFiles.indexOf(DataFiles.read(segment), bytes(markers.get(20)), 0);
        assertThat(at).as("place of a committed record").isPositive();
        DataFiles.flip(segment, at + 3);

        victim.start();
        victim.awaitReady();

        topics.awaitReplicasEqual("rotten");
        assertThat(DataFiles.ofGroup(victim.dataDir(), group))
                .as("files with the damaged record, whole again, on broker " + victim.node())
                .filteredOn(file -> DataFiles.indexOf(DataFiles.read(file), bytes(markers.get(20)), 0) >= 0)
                .hasSize(1);
        try (RawClient client = new RawClient(victim.address())) {
            assertThat(client.dump("rotten", 0, ReadLevel.READ_LEVEL_COMMITTED).rows())
                    .hasSize(60);
        }
        assertThat(victim.output()).as("reported").containsIgnoringCase("damaged");
    }

    @Test
    void shouldBeRebuiltWhenSegmentIsMissing(ClusterFixture cluster) throws Exception {
        Topics topics = new Topics(cluster);
        topics.create("holey", 1, 3);
        for (int i = 0; i < 30; i++) {
            topics.append("holey", 0, bytes("record " + i));
        }
        topics.awaitReplicasEqual("holey");
        BrokerProcess victim = topics.followers("holey", 0).get(0);
        victim.kill();
        Files.delete(
                DataFiles.segments(victim.dataDir(), topics.groupId("holey", 0)).get(0));

        victim.start();
        victim.awaitReady();

        topics.awaitReplicasEqual("holey");
    }

    @Test
    void shouldNameMissingReplicasWithinDeadlineWhenThereIsNoQuorum(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("alone", 1, 3);
        BrokerProcess left = topics.followers("alone", 0).get(0);
        List<BrokerProcess> gone =
                cluster.brokers().stream().filter(broker -> broker != left).toList();
        try (GqClient client = GqClient.connect(cluster.bootstrap());
                Producer producer =
                        client.producer().deliveryTimeout(Duration.ofSeconds(8)).build()) {
            producer.sendAndWait(ProducerRecord.ofText("alone", "before"));
            gone.forEach(BrokerProcess::kill);

            long begin = System.nanoTime();
            GqException refused = catchThrowableOfType(
                    GqException.class, () -> producer.sendAndWait(ProducerRecord.ofText("alone", "nobody takes this")));

            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as("within the deadline")
                    .isLessThan(Duration.ofSeconds(10));
            assertThat(refused).isNotNull();
            assertThat(refused.code()).as(refused.toString()).isEqualTo(ErrorCode.NO_QUORUM);
            gone.forEach(broker -> assertThat(refused.getMessage()).contains(Integer.toString(broker.node())));
        }
        try (RawClient client = new RawClient(left.address())) {
            assertThat(client.fetch("alone", 0, 0, ReadLevel.READ_LEVEL_COMMITTED)
                            .hasError())
                    .as("committed reads go on")
                    .isFalse();
            assertThat(client.latest("alone", 0, ReadLevel.READ_LEVEL_LINEARIZABLE)
                            .hasError())
                    .as("a linearizable read needs a majority")
                    .isTrue();
        }

        cluster.startAll();
        assertThat(topics.append("alone", 0, bytes("after"))).isPositive();
    }

    private static String peerId(Topics topics, String topic, BrokerProcess broker) {
        return topics.replicas(topic).get(0).stream()
                .filter(replica -> replica.getNodeId() == broker.node())
                .map(ReplicaStatus::getPeerId)
                .findFirst()
                .orElseThrow();
    }
}
