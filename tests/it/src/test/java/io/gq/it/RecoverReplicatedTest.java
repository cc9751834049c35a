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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** All machines of a topic with durability=replicated went down at once: gq-admin recover-replicated opens it with what is left. */
@Tag("cluster")
@Order(26)
class RecoverReplicatedTest {

    private static final String TOPIC = "replicated";

    @Test
    void shouldOpenThePartitionWithTheMostCompleteReplicasWhenAnOperatorAcceptsTheLoss() {
        // with small payload in the Raft log as well there would be less to lose
        try (ClusterFixture cluster = ClusterFixture.named("recover-replicated")
                .set("append.inline_bytes_max", "0")
                .build()) {
            Topics topics = new Topics(cluster);
            AdminTool admin = new AdminTool(cluster);
            cluster.brokers().forEach(broker -> broker.bootAs("first"));
            cluster.startAll();
            topics.create(TOPIC, 1, 3, Map.of("durability", "replicated"));
            topics.create("synced", 1, 3);
            for (int i = 0; i < 20; i++) {
                topics.append(TOPIC, 0, bytes(record(i)));
            }
            topics.awaitReplicasEqual(TOPIC);
            String group = topics.groupId(TOPIC, 0);

            cluster.killAll();
            losePayload(cluster.node(1), group, record(8));
            loseEndOfRaftLog(cluster.node(2), group);
            losePayload(cluster.node(3), group, record(19));
            cluster.brokers().forEach(broker -> broker.bootAs("second"));
            startDistrusted(cluster.node(1));
            startDistrusted(cluster.node(2));

            AdminTool.Run refused = admin.run("recover-replicated", TOPIC, "0", "--yes");
            assertThat(refused.exit()).as(refused.toString()).isEqualTo(1);
            assertThat(refused.err())
                    .contains("GQ-1002 NO_QUORUM")
                    .contains("[3]")
                    .contains("--allow-missing");
            refused = admin.run("recover-replicated", "synced", "--yes");
            assertThat(refused.exit()).as(refused.toString()).isEqualTo(1);
            assertThat(refused.err()).contains("GQ-1200 INVALID_REQUEST").contains("durability=fsync");

            startDistrusted(cluster.node(3));
            refused = admin.run("recover-replicated");
            assertThat(refused.exit()).as(refused.toString()).isEqualTo(2);
            assertThat(refused.out()).contains("partition replicated-0").contains("Records below offset 19 are kept");
            assertThat(refused.err()).contains("--yes: missing");
            assertThat(cluster.node(3).metric("gq_partitions_distrusted")).contains(1.0);

            AdminTool.Run done = admin.run("recover-replicated", "--yes", "-o", "json");
            assertThat(done.exit()).as(done.toString()).isZero();
            assertThat(done.out())
                    .contains("\"most_complete\":3,\"kept_end_offset\":19")
                    .contains("\"recovered\":true,\"leader\":3");
            assertThat(topics.append(TOPIC, 0, bytes("after"))).isEqualTo(19);
            topics.awaitReplicasEqual(TOPIC);
            assertThat(values(cluster.node(1))).isEqualTo(values(cluster.node(3)));
            assertThat(values(cluster.node(3)))
                    .startsWith(records(19))
                    .endsWith("after")
                    .hasSize(20);
            assertThat(cluster.node(1).output()).as("it was not trusted").contains("rejoined group=" + group);
            assertThat(cluster.node(2).output()).doesNotContain("rejoined group=" + group);

            refused = admin.run("recover-replicated", TOPIC, "0", "--yes");
            assertThat(refused.exit()).as(refused.toString()).isEqualTo(1);
            assertThat(refused.err()).contains("GQ-1407 NOTHING_TO_RECOVER");
            assertThat(admin.run("recover-replicated", "--yes").exit()).isZero();

            // the end of processes only: nobody is asked again
            cluster.killAll();
            cluster.startAll();
            assertThat(topics.append(TOPIC, 0, bytes("more"))).isEqualTo(20);
            topics.awaitReplicasEqual(TOPIC);

            giveUpOneMachine(cluster, topics, admin);
        }
    }

    private static void giveUpOneMachine(ClusterFixture cluster, Topics topics, AdminTool admin) {
        cluster.killAll();
        cluster.brokers().forEach(broker -> broker.bootAs("third"));
        startDistrusted(cluster.node(1));
        startDistrusted(cluster.node(2));

        AdminTool.Run done = admin.run("recover-replicated", TOPIC, "0", "--allow-missing", "--yes");
        assertThat(done.exit()).as(done.toString()).isZero();
        assertThat(done.out()).contains("NODES [3] ARE GIVEN UP");
        assertThat(topics.append(TOPIC, 0, bytes("without the third"))).isEqualTo(21);

        cluster.startAll();
        topics.awaitReplicasEqual(TOPIC);
        assertThat(values(cluster.node(3))).startsWith(records(19)).endsWith("after", "more", "without the third");
    }

    /** Starts the broker and waits until it says that its replica may not vote. */
    private static void startDistrusted(BrokerProcess broker) {
        broker.start();
        await("replica on node " + broker.node() + " distrusted")
                .atMost(Duration.ofSeconds(60))
                .until(() -> broker.metric("gq_partitions_distrusted").orElse(0.0) == 1.0);
    }

    /** The pages with this record and those after it never reached the disk. */
    private static void losePayload(BrokerProcess broker, String group, String from) {
        List<Path> segments = DataFiles.segments(broker.dataDir(), group);
        Path last = segments.get(segments.size() - 1);
        byte[] content = DataFiles.read(last);
        int at = DataFiles.indexOf(content, bytes(from), 0);
        assertThat(at).as("place of %s in %s", from, last).isPositive();
        DataFiles.overwrite(last, at, new byte[content.length - at]);
    }

    /** The last quarter of the entry headers never reached the disk. */
    private static void loseEndOfRaftLog(BrokerProcess broker, String group) {
        Path log = DataFiles.ofGroup(broker.dataDir().resolve("raft_replicated/groups"), group).stream()
                .filter(file -> file.getFileName().toString().startsWith("log_inprogress"))
                .findFirst()
                .orElseThrow();
        byte[] content = DataFiles.read(log);
        int used = content.length;
        while (content[used - 1] == 0) {
            used--;
        }
        DataFiles.overwrite(log, used - used / 4, new byte[used / 4]);
    }

    private static String record(int number) {
        return String.format("record-%02d", number);
    }

    private static String[] records(int count) {
        return IntStream.range(0, count).mapToObj(RecoverReplicatedTest::record).toArray(String[]::new);
    }

    private static List<String> values(BrokerProcess broker) {
        try (RawClient client = new RawClient(broker.address())) {
            return client.dump(TOPIC, 0, ReadLevel.READ_LEVEL_COMMITTED).rows().stream()
                    .map(row -> StandardCharsets.UTF_8.decode(row.value()).toString())
                    .toList();
        }
    }
}
