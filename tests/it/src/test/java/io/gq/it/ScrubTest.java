package io.gq.it;

import static io.gq.it.cluster.Topics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.it.cluster.AdminTool;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.DataFiles;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.ReadLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rot of records that nobody reads is found in a running cluster, and mended. */
@Tag("cluster")
@Order(24)
class ScrubTest {

    private static final int RECORDS = 60;

    @Test
    void shouldFindAndMendAFlippedByteThatNobodyReads() {
        try (ClusterFixture cluster = named("scrub")
                .set("scrub.bytes_per_second", "64MB")
                .set("scrub.interval", "1s")
                .start()) {
            Topics topics = new Topics(cluster);
            AdminTool admin = new AdminTool(cluster);
            topics.create("rotten", 1, 3);
            List<String> markers = IntStream.range(0, RECORDS)
                    .mapToObj(i -> "<" + UUID.randomUUID() + ">")
                    .toList();
            markers.forEach(marker -> topics.append("rotten", 0, bytes(marker + "y".repeat(500))));
            topics.awaitReplicasEqual("rotten");
            AdminTool.Run before = admin.run("verify", "rotten", "0", "-o", "json");
            assertThat(before.exit()).as(before.out() + before.err()).isZero();
            assertThat(before.out()).contains("\"clean\":true").contains("\"verified_to_offset\":" + RECORDS);

            BrokerProcess follower = topics.followers("rotten", 0).get(0);
            rot(follower, topics, markers.get(20));
            awaitMended(follower, topics, markers.get(20));

            BrokerProcess leader = topics.leader("rotten", 0);
            rot(leader, topics, markers.get(30));
            awaitMended(leader, topics, markers.get(30));

            AdminTool.Run after = admin.run("verify", "-o", "json");
            assertThat(after.exit()).as(after.out() + after.err()).isZero();
            for (BrokerProcess broker : cluster.brokers()) {
                try (RawClient client = new RawClient(broker.address())) {
                    assertThat(client.dump("rotten", 0, ReadLevel.READ_LEVEL_COMMITTED)
                                    .rows())
                            .hasSize(RECORDS);
                }
            }
        }
    }

    @Test
    void shouldMendTwoRottenReplicasOfThreeWhenAllAreReadAtOnce() {
        try (ClusterFixture cluster =
                named("two-rotten").set("scrub.bytes_per_second", "0").start()) {
            Topics topics = new Topics(cluster);
            AdminTool admin = new AdminTool(cluster);
            topics.create("rotten", 1, 3);
            List<String> markers = IntStream.range(0, RECORDS)
                    .mapToObj(i -> "<" + UUID.randomUUID() + ">")
                    .toList();
            markers.forEach(marker -> topics.append("rotten", 0, bytes(marker + "y".repeat(1_500))));
            topics.awaitReplicasEqual("rotten");
            BrokerProcess leader = topics.leader("rotten", 0);
            BrokerProcess follower = topics.followers("rotten", 0).get(0);
            rot(leader, topics, markers.get(20));
            rot(follower, topics, markers.get(30));

            AdminTool.Run found = admin.run("verify", "rotten");
            assertThat(found.exit()).as(found.out() + found.err()).isEqualTo(1);
            assertThat(found.out().lines().filter(line -> line.contains("DAMAGED")))
                    .hasSize(2);

            awaitMended(leader, topics, markers.get(20));
            awaitMended(follower, topics, markers.get(30));
            AdminTool.Run after = admin.run("verify", "rotten");
            assertThat(after.exit()).as(after.out() + after.err()).isZero();
        }
    }

    @Test
    void shouldSayWhereAReplicaIsDamagedWhenAsked() {
        try (ClusterFixture cluster =
                named("verify").set("scrub.bytes_per_second", "0").start()) {
            Topics topics = new Topics(cluster);
            AdminTool admin = new AdminTool(cluster);
            topics.create("rotten", 1, 3);
            String marker = "<" + UUID.randomUUID() + ">";
            IntStream.range(0, RECORDS)
                    .forEach(i -> topics.append("rotten", 0, bytes((i == 20 ? marker : "x") + "y".repeat(500))));
            topics.awaitReplicasEqual("rotten");
            BrokerProcess victim = topics.followers("rotten", 0).get(0);
            rot(victim, topics, marker);

            AdminTool.Run found = admin.run("verify", "rotten");

            assertThat(found.exit()).as(found.out() + found.err()).isEqualTo(1);
            assertThat(found.out().lines().filter(line -> line.contains("DAMAGED")))
                    .singleElement()
                    .asString()
                    .contains("payload of entry")
                    .containsPattern("rotten +0 +" + victim.node() + " ");
            awaitMended(victim, topics, marker);
            AdminTool.Run after = admin.run("verify", "rotten");
            assertThat(after.exit()).as(after.out() + after.err()).isZero();
        }
    }

    @Test
    void shouldFindDamageInTheDirectoryOfAStoppedBroker() {
        try (ClusterFixture cluster = named("verify-directory").start()) {
            Topics topics = new Topics(cluster);
            AdminTool admin = new AdminTool(cluster);
            topics.create("rotten", 1, 3);
            String marker = "<" + UUID.randomUUID() + ">";
            IntStream.range(0, 3 * RECORDS)
                    .forEach(i -> topics.append("rotten", 0, bytes((i == 20 ? marker : "x") + "y".repeat(500))));
            topics.awaitReplicasEqual("rotten");
            BrokerProcess victim = topics.followers("rotten", 0).get(0);
            String group = topics.groupId("rotten", 0);
            assertThat(admin.verifyDirectory(victim.dataDir()).err()).contains("DATA_DIR_IN_USE");
            victim.terminate();

            AdminTool.Run clean = admin.verifyDirectory(victim.dataDir());
            assertThat(clean.exit()).as(clean.out() + clean.err()).isZero();
            assertThat(clean.out())
                    .containsPattern("ok +rotten-0 +" + group + " .*offsets \\[0," + 3 * RECORDS + "\\)");

            Rot rotten = rot(victim, topics, marker);
            AdminTool.Run segment = admin.verifyDirectory(victim.dataDir());
            assertThat(segment.exit()).isEqualTo(1);
            assertThat(segment.out()).containsPattern("DAMAGED +rotten-0 +" + group);
            DataFiles.flip(rotten.file(), rotten.position());
            assertThat(admin.verifyDirectory(victim.dataDir()).exit()).isZero();

            Path log = DataFiles.ofGroup(victim.dataDir(), group).stream()
                    .filter(file -> file.getFileName().toString().startsWith("log_"))
                    .findFirst()
                    .orElseThrow();
            DataFiles.flip(log, 20);
            AdminTool.Run raft = admin.verifyDirectory(victim.dataDir());
            assertThat(raft.exit()).isEqualTo(1);
            assertThat(raft.out())
                    .containsPattern("DAMAGED +rotten-0 +" + group)
                    .contains(log.toString());
        }
    }

    /** A cluster whose payload lies beside the Raft log, however small: what lies in it too is mended from there. */
    private static ClusterFixture.Builder named(String name) {
        return ClusterFixture.named(name).set("append.inline_bytes_max", "0");
    }

    /** Flips a byte of a committed record. */
    private static Rot rot(BrokerProcess victim, Topics topics, String marker) {
        Path segment = DataFiles.segments(victim.dataDir(), topics.groupId("rotten", 0)).stream()
                .filter(file -> !file.toString().contains("damaged"))
                .filter(file -> DataFiles.indexOf(DataFiles.read(file), bytes(marker), 0) >= 0)
                .findFirst()
                .orElseThrow();
        int position = DataFiles.indexOf(DataFiles.read(segment), bytes(marker), 0) + 3;
        DataFiles.flip(segment, position);
        return new Rot(segment, position);
    }

    private record Rot(Path file, int position) {}

    /** Waits until the record lies on the disk again, whole, where it is served from, and all replicas are equal. */
    private static void awaitMended(BrokerProcess victim, Topics topics, String marker) {
        String group = topics.groupId("rotten", 0);
        await("replica on broker " + victim.node() + " rebuilt")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    assertThat(DataFiles.ofGroup(victim.dataDir(), group))
                            .as("set aside")
                            .anyMatch(file -> file.toString().contains("damaged"));
                    assertThat(DataFiles.segments(victim.dataDir(), group).stream()
                                    .filter(file -> !file.toString().contains("damaged"))
                                    .filter(file -> DataFiles.indexOf(DataFiles.read(file), bytes(marker), 0) >= 0))
                            .as("whole again")
                            .hasSize(1);
                });
        topics.awaitReplicasEqual("rotten");
    }
}
