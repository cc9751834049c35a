package io.gq.client.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.fake.FakeCluster;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdminTest {

    private final FakeCluster cluster = FakeCluster.start(3);
    private final GqClient client = GqClient.connect(cluster.bootstrap());
    private final Admin admin = client.admin();

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    @Test
    void shouldMakeShowChangeAndDeleteTopics() {
        TopicDescription made = admin.createTopic(new NewTopic("t", 2, 3, Map.of("retention_ms", "5")));

        assertThat(made.partitions()).extracting(PartitionDescription::leader).containsExactly(1, 2);
        assertThat(made.config()).containsEntry("retention_ms", "5");
        assertThat(admin.listTopics()).containsExactly(made);
        assertThat(admin.describeTopic("t").replicas()).hasSize(6);
        assertThat(admin.alterTopic("t", Map.of("segment_bytes", "1"), List.of("retention_ms"))
                        .config())
                .isEqualTo(Map.of("segment_bytes", "1"));
        assertThat(admin.addPartitions("t", 4).partitions()).hasSize(4);
        admin.transferLeader(new TopicPartition("t", 3), 2);
        assertThat(cluster.leader(new TopicPartition("t", 3))).isEqualTo(2);
        assertThat(admin.describeCluster().healthy()).isTrue();
        admin.deleteTopic("t");
        assertThat(admin.listTopics()).isEmpty();
    }

    @Test
    void shouldTellTheReasonOfARefusal() {
        admin.createTopic(NewTopic.of("t", 1, 1));

        assertThat(refusal(() -> admin.createTopic(NewTopic.of("t", 1, 1))).code())
                .isEqualTo(ErrorCode.TOPIC_EXISTS);
        assertThat(refusal(() -> admin.createTopic(NewTopic.of("u", 1, 9))).outcomeUnknown())
                .isFalse();
        assertThat(refusal(() -> admin.createTopic(NewTopic.of("a b", 1, 1))).code())
                .isEqualTo(ErrorCode.INVALID_TOPIC);
        assertThat(refusal(() -> admin.createTopic(NewTopic.of("u", 1, 9))).code())
                .isEqualTo(ErrorCode.INVALID_REPLICAS);
        assertThat(refusal(() -> admin.deleteTopic("u")).code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC);
        assertThat(refusal(() -> admin.addPartitions("t", 1)).code()).isEqualTo(ErrorCode.INVALID_PARTITIONS);
        assertThat(refusal(() -> admin.alterTopic("t", Map.of("colour", "red"), List.of()))
                        .code())
                .isEqualTo(ErrorCode.INVALID_CONFIG);
    }

    @Test
    void shouldWaitForTheLeadersOfATopicThatTakesLong() {
        cluster.leadersComeLate(3);

        TopicDescription made = admin.createTopic(NewTopic.of("t", 3, 3));

        assertThat(made.partitions()).extracting(PartitionDescription::leader).containsExactly(1, 2, 3);
    }

    @Test
    void shouldSayThatATopicIsMadeThoughItHasNoLeadersYet() {
        cluster.leadersComeLate(1000);

        GqException late = refusal(() -> admin.within(Duration.ofSeconds(1)).createTopic(NewTopic.of("t", 3, 3)));

        assertThat(late.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(late).hasMessageContaining("'t' is created; 3 of 3 partitions have no leader yet");
    }

    @Test
    void shouldAskAnotherBrokerWhenOneIsDown() {
        cluster.broker(1).kill();
        cluster.broker(3).kill();

        for (int i = 0; i < 4; i++) {
            admin.within(Duration.ofSeconds(20)).createTopic(NewTopic.of("t" + i, 1, 1));
        }

        assertThat(admin.listTopics()).hasSize(4);
    }

    @Test
    void shouldWaitForABrokerToComeBackWithinTheTimeout() {
        cluster.brokers().forEach(broker -> broker.kill());
        Thread later = new Thread(() -> cluster.broker(2).start());
        later.start();

        assertThat(admin.within(Duration.ofSeconds(20)).listTopics()).isEmpty();
    }

    @Test
    void shouldGiveUpAtTheTimeoutWhenNobodyAnswers() {
        cluster.brokers().forEach(broker -> broker.freeze());
        long start = System.nanoTime();

        GqException failure = refusal(() -> admin.within(Duration.ofMillis(300)).listTopics());

        assertThat(failure.code()).isIn(ErrorCode.TIMEOUT, ErrorCode.BROKER_UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        cluster.brokers().forEach(broker -> broker.unfreeze());
    }

    private static GqException refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        GqException failure = catchThrowableOfType(GqException.class, call);
        assertThat(failure).isNotNull();
        return failure;
    }
}
