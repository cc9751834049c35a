package io.gq.client.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.fake.FakeCluster;
import io.gq.client.fake.Trouble;
import io.gq.client.internal.Errors;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.testing.Seeds;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProducerTest {

    private static final TopicPartition TP = new TopicPartition("t", 0);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final FakeCluster cluster = FakeCluster.start(3);
    private final GqClient client = GqClient.builder()
            .bootstrap(cluster.bootstrap())
            .requestTimeout(Duration.ofMillis(300))
            .build();

    @BeforeEach
    void createTopic() {
        cluster.createTopic("t", 1);
    }

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    @Test
    void shouldAppendInOrderOfSendWhenAllIsWell() {
        try (Producer producer = client.producer().batchBytes(512).build()) {
            List<CompletableFuture<RecordMetadata>> futures = send(producer, 0, 1000);
            producer.flush();

            for (int i = 0; i < 1000; i++) {
                assertThat(futures.get(i)).isDone();
                assertThat(futures.get(i).join().offset()).isEqualTo(i);
            }
        }
        assertThat(log()).isEqualTo(values(0, 1000));
        assertThat(cluster.batchCount(TP)).as("records travel together").isLessThan(500);
    }

    @Test
    void shouldKeepKeyTimestampAndHeaders() {
        try (Producer producer = client.producer().build()) {
            RecordMetadata metadata = producer.sendAndWait(
                    ProducerRecord.ofText("t", "key", "value").at(12345).header("h", new byte[] {7}));

            assertThat(metadata).isEqualTo(new RecordMetadata(TP, 0, 12345));
        }
        assertThat(cluster.log(TP)).singleElement().satisfies(record -> {
            assertThat(text(record.key())).isEqualTo("key");
            assertThat(record.timestampMs()).isEqualTo(12345);
            assertThat(record.headers())
                    .singleElement()
                    .satisfies(h -> assertThat(h.key()).isEqualTo("h"));
        });
    }

    @Test
    void shouldSpreadRecordsWithoutKeyOverAllPartitions() {
        cluster.createTopic("wide", 4);
        Map<Integer, Integer> counts = new TreeMap<>();
        try (Producer producer = client.producer().batchBytes(300).build()) {
            List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                futures.add(producer.send(ProducerRecord.ofText("wide", "v" + i)));
            }
            producer.flush();
            futures.forEach(f -> counts.merge(f.join().topicPartition().partition(), 1, Integer::sum));
        }
        assertThat(counts).hasSize(4);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(50, 150));
    }

    /** A second one while batches are numbered under the first would let later batches overtake those that are sent again. */
    @Test
    void shouldShareOneIdentityAmongAllPartitions() {
        cluster.createTopic("wide", 64);
        try (Producer producer = client.producer().batchBytes(150).build()) {
            producer.sendAndWait(ProducerRecord.ofText("wide", "first").toPartition(0));
            for (int i = 0; i < 4000; i++) {
                CompletableFuture<RecordMetadata> unused =
                        producer.send(ProducerRecord.ofText("wide", "v" + i).toPartition(i % 64));
            }
            producer.flush();
        }
        assertThat(cluster.producerIds()).isEqualTo(1);
    }

    @Test
    void shouldRefuseLargeRecordAtOnceAndTakeTheLargestThatFits() {
        int largest = (1 << 20) - 61 - 11; // header of the batch, and what a record this large has around its value
        try (Producer producer = client.producer().build()) {
            CompletableFuture<RecordMetadata> tooLarge = producer.send(ProducerRecord.of("t", new byte[largest + 1]));
            assertThat(tooLarge).isCompletedExceptionally();
            assertThat(failure(tooLarge).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
            assertThat(producer.bufferedBytes()).isZero();

            assertThat(producer.sendAndWait(ProducerRecord.of("t", new byte[largest]))
                            .offset())
                    .isZero();
        }
    }

    @Test
    void shouldMeasureLargeRecordAsItIsSent() {
        byte[] packsWell = new byte[3 << 20];
        byte[] doesNot = new byte[3 << 20];
        Seeds.of(3).random().nextBytes(doesNot);
        try (Producer producer = client.producer().compression(Compression.ZSTD).build()) {
            assertThat(producer.sendAndWait(ProducerRecord.of("t", packsWell)).offset())
                    .isZero();
            CompletableFuture<RecordMetadata> tooLarge = producer.send(ProducerRecord.of("t", doesNot));
            assertThat(tooLarge).isCompletedExceptionally();
            assertThat(failure(tooLarge).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        }
        assertThat(cluster.log(TP)).hasSize(1);
    }

    @Test
    void shouldPackAsTheTopicAsksWhenNotToldOtherwise() {
        ProducerRecord record = ProducerRecord.ofText("t", "x".repeat(1000));
        try (GqClient forgetful = GqClient.builder()
                        .bootstrap(cluster.bootstrap())
                        .metadataMaxAge(Duration.ofMillis(20))
                        .build();
                Producer asked = forgetful.producer().build();
                Producer told =
                        forgetful.producer().compression(Compression.GZIP).build()) {
            asked.sendAndWait(record);
            client.admin().alterTopic("t", Map.of("compression_type", "lz4"), List.of());
            await().untilAsserted(() -> {
                asked.sendAndWait(record);
                assertThat(cluster.compressions(TP)).endsWith(Compression.LZ4);
            });
            told.sendAndWait(record);
        }
        assertThat(cluster.compressions(TP)).startsWith(Compression.NONE).endsWith(Compression.LZ4, Compression.GZIP);
    }

    @Test
    void shouldFailForCertainWhenTopicOrPartitionIsNot() {
        try (Producer producer = client.producer().build()) {
            assertThat(failure(producer.send(ProducerRecord.ofText("nope", "v")))
                            .code())
                    .isEqualTo(ErrorCode.UNKNOWN_TOPIC);
            assertThat(failure(producer.send(ProducerRecord.ofText("a b", "v"))).code())
                    .isEqualTo(ErrorCode.INVALID_TOPIC);
            GqException noPartition =
                    failure(producer.send(ProducerRecord.ofText("t", "v").toPartition(1)));
            assertThat(noPartition.code()).isEqualTo(ErrorCode.UNKNOWN_PARTITION);
            assertThat(noPartition.outcomeUnknown()).isFalse();
        }
    }

    @Test
    void shouldTellThatRecordNeverReachedABrokerWhenNoneCanBeReached() {
        try (Producer producer = client.producer().deliveryTimeout(SHORT).build()) {
            producer.sendAndWait(ProducerRecord.ofText("t", "v0"));
            cluster.brokers().forEach(broker -> broker.kill());
            await().until(() -> {
                // the first one may have been on its way when the connection broke
                GqException first = failure(producer.send(ProducerRecord.ofText("t", "v1")));
                return !first.outcomeUnknown();
            });

            GqException failure = failure(producer.send(ProducerRecord.ofText("t", "v2")));

            assertThat(failure.retriable()).isTrue();
            assertThat(failure.outcomeUnknown()).isFalse();
            assertThat(failure).hasMessageContaining("not acknowledged within 300 ms");
            assertThat(failure.deadlineOver()).isTrue();
        }
    }

    @Test
    void shouldTellThatOutcomeIsUnknownWhenAnswerNeverComes() {
        cluster.troubles((broker, tp) -> Trouble.LOSE_ANSWER);
        try (Producer producer = client.producer().deliveryTimeout(SHORT).build()) {
            GqException failure = failure(producer.send(ProducerRecord.ofText("t", "v0")));

            assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
            assertThat(failure.outcomeUnknown()).isTrue();
        }
        assertThat(log()).containsExactly("v0");
    }

    @Test
    void shouldGoOnUnderANewIdentityAfterAnUnknownOutcome() {
        cluster.troubles((broker, tp) -> Trouble.LOSE_ANSWER);
        try (Producer producer = client.producer().build()) {
            GqException failure =
                    failure(producer.send(ProducerRecord.ofText("t", "v0").within(SHORT)));
            assertThat(failure.outcomeUnknown()).isTrue();
            cluster.troubles((broker, tp) -> Trouble.NONE);

            for (int i = 1; i < 4; i++) {
                producer.sendAndWait(ProducerRecord.ofText("t", "v" + i));
            }
        }
        assertThat(log()).isEqualTo(values(0, 4));
    }

    @Test
    void shouldHonourTheDeadlineOfEachRecord() {
        try (Producer producer = client.producer().build()) {
            producer.sendAndWait(ProducerRecord.ofText("t", "first"));
            cluster.moveLeader(TP, 0);
            CompletableFuture<RecordMetadata> patient = producer.send(ProducerRecord.ofText("t", "patient"));
            GqException hurried =
                    failure(producer.send(ProducerRecord.ofText("t", "hurried").within(Duration.ofMillis(500))));

            assertThat(hurried.code()).isIn(ErrorCode.LEADER_NOT_AVAILABLE, ErrorCode.NOT_LEADER);
            assertThat(hurried.outcomeUnknown()).isFalse();
            assertThat(patient).isNotDone();
            cluster.moveLeader(TP, 2);
            assertThat(patient.join().offset()).isEqualTo(1);
        }
        assertThat(log()).containsExactly("first", "patient");
    }

    @Test
    void shouldFailOnlyTheBatchThatIsRefusedForGoodAndKeepTheOrderOfTheRest() {
        AtomicInteger requests = new AtomicInteger();
        cluster.troubles((broker, tp) -> requests.incrementAndGet() == 3 ? Trouble.REFUSE : Trouble.NONE);
        List<CompletableFuture<RecordMetadata>> futures;
        try (Producer producer = client.producer().batchBytes(128).build()) {
            futures = send(producer, 0, 100);
            producer.flush();
        }
        List<String> acknowledged = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            if (futures.get(i).isCompletedExceptionally()) {
                assertThat(failure(futures.get(i)).code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                refused++;
            } else {
                acknowledged.add("v" + i);
            }
        }
        assertThat(refused).isPositive();
        assertThat(log()).isEqualTo(acknowledged);
    }

    @Test
    void shouldGoOnWhenPartitionForgotTheProducer() {
        try (Producer producer = client.producer().build()) {
            producer.sendAndWait(ProducerRecord.ofText("t", "v0"));
            cluster.forgetProducers(TP);

            List<CompletableFuture<RecordMetadata>> futures = send(producer, 1, 50);
            producer.flush();

            assertThat(futures).allSatisfy(f -> assertThat(f).isCompleted());
        }
        assertThat(log()).isEqualTo(values(0, 50));
    }

    @Test
    void shouldTurnToTheNewLeaderWithoutWaitingWhenTold() {
        try (Producer producer = client.producer().build()) {
            producer.sendAndWait(ProducerRecord.ofText("t", "v0"));
            for (int i = 1; i <= 6; i++) {
                cluster.moveLeader(TP, 1 + i % 3);
                producer.sendAndWait(ProducerRecord.ofText("t", "v" + i));
            }
        }
        assertThat(log()).isEqualTo(values(0, 7));
        assertThat(cluster.duplicates(TP)).isZero();
    }

    @Test
    void shouldTurnToTheNewLeaderWhenTheOldOneFallsSilent() {
        try (Producer producer = client.producer().build()) {
            producer.sendAndWait(ProducerRecord.ofText("t", "v0"));
            int silent = cluster.leader(TP);
            cluster.broker(silent).freeze();
            CompletableFuture<RecordMetadata> waiting = producer.send(ProducerRecord.ofText("t", "v1"));
            cluster.failOver(silent);

            assertThat(waiting.join().offset()).isEqualTo(1);
            cluster.broker(silent).unfreeze();
            producer.sendAndWait(ProducerRecord.ofText("t", "v2"));
        }
        assertThat(log()).isEqualTo(values(0, 3));
    }

    @Test
    void shouldResendAtOnceWhenAnotherLeadsAndTheOldOneStandsStill() {
        try (GqClient patient = GqClient.builder()
                        .bootstrap(cluster.bootstrap())
                        .requestTimeout(Duration.ofSeconds(20))
                        .build();
                Producer producer = patient.producer().build()) {
            producer.sendAndWait(ProducerRecord.ofText("t", "v0"));
            int silent = cluster.leader(TP);
            cluster.broker(silent).freeze();
            List<CompletableFuture<RecordMetadata>> waiting = new ArrayList<>();
            for (int i = 1; i <= 5; i++) {
                waiting.add(producer.send(ProducerRecord.ofText("t", "v" + i)));
            }
            cluster.failOver(silent);

            waiting.forEach(future -> assertThat(future).succeedsWithin(Duration.ofSeconds(5)));
            cluster.broker(silent).unfreeze();
            producer.sendAndWait(ProducerRecord.ofText("t", "v6"));
        }
        assertThat(log()).isEqualTo(values(0, 7));
    }

    @Test
    void shouldSayWhichReplicasAreMissingWhenThereIsNoQuorum() {
        try (Producer producer =
                client.producer().deliveryTimeout(Duration.ofSeconds(2)).build()) {
            producer.sendAndWait(ProducerRecord.ofText("t", "v0"));
            cluster.loseQuorum(TP, "t-0: 1 of 3 replicas alive, missing nodes [2, 3]");
            cluster.broker(cluster.leader(TP)).kill();
            failure(producer.send(ProducerRecord.ofText("t", "perhaps on its way when the broker died")));

            GqException refused = failure(producer.send(ProducerRecord.ofText("t", "v1")));

            assertThat(refused.code()).as(refused.toString()).isEqualTo(ErrorCode.NO_QUORUM);
            assertThat(refused)
                    .hasMessageContaining("missing nodes [2, 3]")
                    .hasMessageContaining("certainly not appended");
        }
    }

    @Test
    void shouldNotAskTheClusterAgainAndAgainWhileThereIsNoLeader() {
        cluster.createTopic("many", 30);
        for (int p = 0; p < 30; p++) {
            cluster.moveLeader(new TopicPartition("many", p), 0);
        }
        long before = metadataCalls();
        try (Producer producer =
                client.producer().deliveryTimeout(Duration.ofSeconds(1)).build()) {
            List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
            for (int p = 0; p < 30; p++) {
                futures.add(producer.send(ProducerRecord.ofText("many", "v").toPartition(p)));
            }
            assertThat(futures)
                    .allSatisfy(f -> assertThat(failure(f).code()).isEqualTo(ErrorCode.LEADER_NOT_AVAILABLE));
        }
        assertThat(metadataCalls() - before).isBetween(3L, 40L);
    }

    @Test
    void shouldMakeSendersWaitWhenBufferIsFull() {
        cluster.moveLeader(TP, 0);
        try (Producer producer = client.producer()
                .bufferBytes(2000)
                .batchBytes(500)
                .blockMax(Duration.ofMillis(100))
                .deliveryTimeout(Duration.ofSeconds(20))
                .build()) {
            List<CompletableFuture<RecordMetadata>> futures = send(producer, 0, 100);
            GqException full = failure(futures.get(99));
            assertThat(full.code()).isEqualTo(ErrorCode.THROTTLED);
            assertThat(producer.bufferedBytes()).isLessThanOrEqualTo(2000);

            cluster.moveLeader(TP, 1);
            producer.flush();
            assertThat(producer.bufferedBytes()).isZero();
        }
    }

    @Test
    void shouldTellUnknownOutcomeAtOnceWhenNotIdempotent() {
        AtomicInteger requests = new AtomicInteger();
        cluster.troubles((broker, tp) -> switch (requests.incrementAndGet()) {
            case 1 -> Trouble.NOT_LEADER;
            case 3 -> Trouble.BREAK_AFTER;
            default -> Trouble.NONE;
        });
        try (Producer producer = client.producer().idempotent(false).build()) {
            assertThat(producer.sendAndWait(ProducerRecord.ofText("t", "v0")).offset())
                    .isZero();
            assertThat(failure(producer.send(ProducerRecord.ofText("t", "v1"))).outcomeUnknown())
                    .isTrue();
            assertThat(producer.sendAndWait(ProducerRecord.ofText("t", "v2")).offset())
                    .isEqualTo(2);
        }
        assertThat(log()).isEqualTo(values(0, 3));
    }

    @Test
    void shouldSendWhatItHasWhenClosedAndTakeNothingAfterwards() {
        Producer producer = client.producer().linger(Duration.ofMinutes(1)).build();
        List<CompletableFuture<RecordMetadata>> futures = send(producer, 0, 10);

        producer.close();

        assertThat(futures).allSatisfy(f -> assertThat(f).isCompleted());
        assertThat(failure(producer.send(ProducerRecord.ofText("t", "late"))).code())
                .isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThatThrownBy(() -> producer.sendAndWait(ProducerRecord.ofText("t", "late")))
                .isInstanceOf(GqException.class);
    }

    @Test
    void shouldFailWhatIsLeftWhenTimeToCloseIsOver() {
        cluster.moveLeader(TP, 0);
        Producer producer = client.producer().build();
        List<CompletableFuture<RecordMetadata>> futures = send(producer, 0, 10);

        producer.close(Duration.ofMillis(50));

        assertThat(futures).allSatisfy(f -> {
            assertThat(failure(f).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
            assertThat(failure(f).outcomeUnknown()).isFalse();
        });
    }

    @Test
    void shouldNotWriteIntoAnotherTopicOfTheSameName() {
        try (Producer producer = client.producer().build()) {
            producer.sendAndWait(ProducerRecord.ofText("t", "old"));
            cluster.deleteTopic("t");
            cluster.createTopic("t", 1);

            await().until(() -> {
                CompletableFuture<RecordMetadata> sent = producer.send(ProducerRecord.ofText("t", "new"));
                return catchThrowable(sent::join) == null;
            });
        }
        assertThat(log()).isNotEmpty().allMatch("new"::equals);
    }

    private long metadataCalls() {
        return cluster.brokers().stream()
                .flatMap(broker -> broker.calls().stream())
                .filter("Metadata"::equals)
                .count();
    }

    private static List<CompletableFuture<RecordMetadata>> send(Producer producer, int from, int to) {
        List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
        for (int i = from; i < to; i++) {
            futures.add(producer.send(ProducerRecord.ofText("t", "v" + i)));
        }
        return futures;
    }

    private List<String> log() {
        return cluster.log(TP).stream().map(r -> text(r.value())).toList();
    }

    private static String text(@org.jspecify.annotations.Nullable ByteBuffer bytes) {
        return UTF_8.decode(Objects.requireNonNull(bytes).duplicate()).toString();
    }

    private static List<String> values(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "v" + i).toList();
    }

    private static GqException failure(CompletableFuture<RecordMetadata> future) {
        Throwable thrown = catchThrowable(future::join);
        assertThat(thrown).as("a failure").isNotNull();
        return (GqException) Errors.unwrap(thrown);
    }
}
