package io.gq.it;

import static io.gq.it.cluster.Topics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.client.GqClient;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.DataFiles;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.FetchedPartition;
import io.gq.proto.v1.PartitionInfo;
import io.gq.proto.v1.ReadLevel;
import io.gq.proto.v1.ReplicaStatus;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What lies on the disks: each payload once a replica, equal on all, gone with its topic or its retention. */
@Tag("cluster")
@Order(2)
@SharedCluster(SharedCluster.CALM)
class StoredOnceTest {

    @Test
    void shouldHoldEachPayloadOnceOnEveryReplica(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("once", 1, 3);
        List<String> markers = IntStream.range(0, 40)
                .mapToObj(i -> "<marker-" + UUID.randomUUID() + ">")
                .toList();
        for (String marker : markers) {
            topics.append("once", 0, bytes(marker + "x".repeat(4_000)));
        }
        topics.awaitReplicasEqual("once");

        for (BrokerProcess broker : cluster.brokers()) {
            for (String marker : markers) {
                assertThat(DataFiles.occurrences(broker.dataDir(), marker))
                        .as("copies of %s in %s", marker, broker.dataDir())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void shouldHaveEqualReplicasWhenWritesHaveEnded(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("equal", 3, 3);
        for (int i = 0; i < 60; i++) {
            topics.append("equal", i % 3, bytes("record " + i));
        }

        Map<Integer, List<ReplicaStatus>> replicas = topics.awaitReplicasEqual("equal");

        assertThat(replicas).hasSize(3);
        replicas.values()
                .forEach(of -> assertThat(of)
                        .hasSize(3)
                        .allSatisfy(replica ->
                                assertThat(replica.getHighWatermark()).isEqualTo(20)));
        assertThat(replicas.get(0).get(0).getDigest())
                .as("a digest that depends on the records")
                .isNotEqualTo(replicas.get(1).get(0).getDigest());
    }

    @Test
    void shouldRemoveFilesEverywhereWhenTopicIsDeleted(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        String marker = "<gone-" + UUID.randomUUID() + ">";
        List<String> groups = topics.create("short-lived", 2, 3).getPartitionsList().stream()
                .map(PartitionInfo::getGroupId)
                .toList();
        topics.append("short-lived", 0, bytes(marker));
        topics.append("short-lived", 1, bytes(marker));
        topics.awaitReplicasEqual("short-lived");
        assertThat(DataFiles.ofGroup(cluster.node(1).dataDir(), groups.get(0))).isNotEmpty();

        topics.delete("short-lived");

        await("files gone").atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            for (BrokerProcess broker : cluster.brokers()) {
                assertThat(groups)
                        .allSatisfy(group -> assertThat(DataFiles.ofGroup(broker.dataDir(), group))
                                .isEmpty());
                assertThat(DataFiles.occurrences(broker.dataDir(), marker)).isZero();
            }
        });
        assertThat(topics.info("short-lived").getError().getName()).isEqualTo("UNKNOWN_TOPIC");
    }

    @Test
    void shouldStartAfreshWhenTopicIsMadeAgain(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("again", 1, 3);
        topics.append("again", 0, bytes("old"));
        topics.delete("again");

        topics.create("again", 1, 3);

        assertThat(topics.append("again", 0, bytes("new"))).isZero();
    }

    @Test
    void shouldTrimWhenRetentionIsAltered(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("trimmed", 1, 3, Map.of("segment_bytes", "65536"));
        int records = 800; // one entry each: enough for the Raft log to begin a second file, only then may payload go
        try (GqClient client = GqClient.connect(cluster.bootstrap());
                Producer producer = client.producer().build()) {
            for (int i = 0; i < records; i++) {
                producer.sendAndWait(ProducerRecord.of("trimmed", new byte[1_000]));
            }
        }
        assertThat(startOffset(topics, "trimmed")).isZero();
        String group = topics.groupId("trimmed", 0);
        List<Path> before = DataFiles.segments(cluster.node(1).dataDir(), group);

        topics.alter("trimmed", Map.of("retention_bytes", "131072"));

        await("retention acts").atMost(Duration.ofSeconds(30)).until(() -> startOffset(topics, "trimmed") > 500);
        Map<Integer, List<ReplicaStatus>> replicas = topics.awaitReplicasEqual("trimmed");
        assertThat(replicas.get(0)).allSatisfy(replica -> {
            assertThat(replica.getLogStartOffset()).isBetween(501L, records - 1L);
            assertThat(replica.getHighWatermark()).isEqualTo(records);
        });
        await("old segments gone").atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            for (BrokerProcess broker : cluster.brokers()) {
                assertThat(DataFiles.segments(broker.dataDir(), group))
                        .as("segments of broker " + broker.node())
                        .hasSizeLessThan(before.size())
                        .noneMatch(file -> file.getFileName().toString().startsWith("0".repeat(20)));
            }
        });
        try (RawClient client = new RawClient(topics.leader("trimmed", 0).address())) {
            FetchedPartition old = client.fetch("trimmed", 0, 0, ReadLevel.READ_LEVEL_COMMITTED);
            assertThat(old.getError().getName()).isEqualTo("OFFSET_OUT_OF_RANGE");
            assertThat(old.getLogStartOffset()).isGreaterThan(500);
            RawClient.Dump dump = client.dump("trimmed", 0, ReadLevel.READ_LEVEL_COMMITTED);
            assertThat(dump.endOffset()).isEqualTo(records);
            assertThat(dump.rows().get(0).offset()).isEqualTo(dump.startOffset());
        }
    }

    @Test
    void shouldTrimByTimeWhenRetentionIsShort(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("aged", 1, 3, Map.of("segment_bytes", "65536"));
        for (int i = 0; i < 30; i++) {
            topics.append("aged", 0, new byte[8_000]);
        }

        topics.alter("aged", Map.of("retention_ms", "1000"));

        await("retention acts").atMost(Duration.ofSeconds(30)).until(() -> startOffset(topics, "aged") > 0);
    }

    @Test
    void shouldGiveRecordsBackUnchangedFromEveryReplica(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("unchanged", 1, 3);
        List<String> values = IntStream.range(0, 50).mapToObj(i -> "value " + i).toList();
        values.forEach(value -> topics.append("unchanged", 0, bytes(value)));
        topics.awaitReplicasEqual("unchanged");

        for (BrokerProcess broker : cluster.brokers()) {
            try (RawClient client = new RawClient(broker.address())) {
                RawClient.Dump dump = client.dump("unchanged", 0, ReadLevel.READ_LEVEL_COMMITTED);

                assertThat(dump.rows().stream().map(row -> text(row.value())).collect(Collectors.toList()))
                        .as("records of broker " + broker.node())
                        .isEqualTo(values);
            }
        }
    }

    private static long startOffset(Topics topics, String topic) {
        return topics.replicas(topic).get(0).stream()
                .mapToLong(ReplicaStatus::getLogStartOffset)
                .min()
                .orElseThrow();
    }

    private static String text(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }
}
