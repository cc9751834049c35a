package io.gq.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.it.load.Load;
import io.gq.proto.v1.ProduceResponse;
import io.gq.testing.history.HistoryReport;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** SIGKILL of broker processes under load. A final full read of all replicas is held against everything producers were told. */
@Tag("cluster")
@Order(20)
@SharedCluster(SharedCluster.FAULTY)
class KillTest {

    @Test
    void shouldLoseNothingWhenEachBrokerIsKilledInTurn(ClusterFixture cluster) {
        try (Load load = Load.start(cluster, "kill-each", 3)) {
            for (BrokerProcess broker : cluster.brokers()) {
                broker.kill();
                load.awaitAcknowledged(300);
                broker.start();
                broker.awaitReady();
                load.awaitAcknowledged(300);
            }

            HistoryReport report = load.assertNothingLost(1_800);
            assertThat(report.longestGap()).as("ack gap").isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void shouldLoseNothingWhenAllAreKilledAtOnce(ClusterFixture cluster) {
        try (Load load = Load.start(cluster, "kill-all", 3)) {
            load.awaitAcknowledged(500);

            cluster.killAll();
            cluster.startAll();
            load.awaitAcknowledged(300);

            load.assertNothingLost(800);
        }
    }

    @Test
    void shouldLoseNothingWhenBrokersAreKilledAgainAndAgain(ClusterFixture cluster) {
        long seed = Long.getLong("gq.it.seed", 20_261_121L);
        System.out.println("kill-again: seed=" + seed);
        Random random = new Random(seed);
        try (Load load = Load.start(cluster, "kill-again", 3)) {
            for (int round = 0; round < 4; round++) {
                BrokerProcess victim = cluster.brokers().get(random.nextInt(3));
                victim.kill();
                load.awaitAcknowledged(50 + random.nextInt(200));
                victim.start();
                // not waiting until it is ready: the next may fall while this one still catches up
                if (round % 2 == 0) {
                    cluster.awaitReady();
                }
                load.awaitAcknowledged(50);
            }
            cluster.startAll();

            load.assertNothingLost(500);
        }
    }

    @Test
    void shouldGiveOriginalOffsetWhenBatchIsRepeatedAfterKills(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("repeated", 1, 3);
        RecordBatchBuilder builder =
                new RecordBatchBuilder(Compression.NONE, 256).producer(4_611_686_018_427L, (short) 0, 0);
        builder.append(1, null, ByteBuffer.wrap(Topics.bytes("one")), List.of());
        builder.append(1, null, ByteBuffer.wrap(Topics.bytes("two")), List.of());
        ByteBuffer batch = builder.build();
        ProduceResponse first = topics.produce("repeated", 0, batch);
        assertThat(first.hasError()).as(first.toString()).isFalse();
        topics.append("repeated", 0, Topics.bytes("between"));

        topics.leader("repeated", 0).kill();
        ProduceResponse afterLeaderChange = repeat(topics, batch);
        cluster.startAll();
        cluster.killAll();
        cluster.startAll();
        ProduceResponse afterRestart = repeat(topics, batch);

        assertThat(afterLeaderChange.getBaseOffset()).isEqualTo(first.getBaseOffset());
        assertThat(afterLeaderChange.getDuplicate()).isTrue();
        assertThat(afterRestart.getBaseOffset()).isEqualTo(first.getBaseOffset());
        assertThat(afterRestart.getDuplicate()).isTrue();
        assertThat(topics.append("repeated", 0, Topics.bytes("after")))
                .as("nothing was appended by repeating")
                .isEqualTo(first.getBaseOffset() + 3);
    }

    private static ProduceResponse repeat(Topics topics, ByteBuffer batch) {
        return await("repeated batch answered")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> topics.produce("repeated", 0, batch), answer -> !answer.hasError());
    }
}
