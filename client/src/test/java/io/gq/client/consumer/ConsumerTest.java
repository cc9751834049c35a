package io.gq.client.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.fake.FakeBroker;
import io.gq.client.fake.FakeCluster;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.core.service.ReadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConsumerTest {

    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeCluster cluster = FakeCluster.start(3);
    private final GqClient client = GqClient.builder()
            .bootstrap(cluster.bootstrap())
            .requestTimeout(Duration.ofMillis(500))
            .build();

    @BeforeEach
    void createTopic() {
        cluster.createTopic("t", 2);
    }

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldReadWhatWasWrittenInOrder(Compression codec) {
        produce(T0, codec, 0, 500);

        try (Consumer consumer = client.consumer().pollRecordsMax(70).build()) {
            consumer.assign(List.of(T0, T1));
            assertThat(read(consumer, 500)).isEqualTo(values(0, 500));
            assertThat(consumer.position(T0)).isEqualTo(500);
            assertThat(consumer.highWatermark(T0)).isEqualTo(500);
        }
    }

    @Test
    void shouldGoWhereItIsToldTo() {
        produce(T0, Compression.NONE, 0, 20);
        try (Consumer consumer = client.consumer().start(OffsetReset.LATEST).build()) {
            consumer.assign(List.of(T0));
            assertThat(consumer.position(T0)).isEqualTo(20);
            assertThat(consumer.poll(Duration.ofMillis(50))).isEmpty();

            consumer.seek(T0, 17);
            assertThat(read(consumer, 3)).isEqualTo(values(17, 20));
            consumer.seekToStart(List.of(T0));
            assertThat(read(consumer, 1).get(0)).isEqualTo("v0");
            consumer.seekToEnd(List.of(T0));
            assertThat(consumer.position(T0)).isEqualTo(20);
            consumer.seekToTime(List.of(T0), 1_010);
            assertThat(read(consumer, 1).get(0)).isEqualTo("v10");
            assertThat(consumer.beginningOffsets(List.of(T0, T1))).isEqualTo(Map.of(T0, 0L, T1, 0L));
            assertThat(consumer.endOffsets(List.of(T0), ReadLevel.LINEARIZABLE)).isEqualTo(Map.of(T0, 20L));
            assertThat(consumer.offsetsForTimes(Map.of(T0, 1_005L)).get(T0)).isEqualTo(new FoundOffset(5, -1));
        }
    }

    @Test
    void shouldPassOverGapsInOffsets() {
        produce(T0, Compression.NONE, 0, 3);
        cluster.skipOffsets(T0, 10);
        produce(T0, Compression.NONE, 3, 5);
        cluster.skipOffsets(T0, 10);
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));

            assertThat(read(consumer, 5)).isEqualTo(values(0, 5));
            await().until(() -> {
                consumer.poll(Duration.ofMillis(10));
                return consumer.position(T0) == 25;
            });
        }
    }

    @Test
    void shouldFollowThePolicyWhenOffsetIsOutOfRange() {
        produce(T0, Compression.NONE, 0, 10);
        cluster.trim(T0, 4);
        try (Consumer consumer = client.consumer().reset(OffsetReset.EARLIEST).build()) {
            consumer.assign(List.of(T0));
            consumer.seek(T0, 1);
            assertThat(read(consumer, 1).get(0)).isEqualTo("v4");
        }
        try (Consumer consumer = client.consumer().reset(OffsetReset.LATEST).build()) {
            consumer.assign(List.of(T0));
            consumer.seek(T0, 1);
            await().until(() -> {
                consumer.poll(Duration.ofMillis(10));
                return consumer.position(T0) == 10;
            });
        }
        try (Consumer consumer = client.consumer().reset(OffsetReset.FAIL).build()) {
            consumer.assign(List.of(T0));
            consumer.seek(T0, 1);
            GqException failure = catchThrowableOfType(GqException.class, () -> consumer.poll(LONG));
            assertThat(failure.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
            consumer.seek(T0, 9);
            assertThat(read(consumer, 1)).containsExactly("v9");
        }
    }

    @Test
    void shouldTellDamageWhereItIsAndReadOnBehindIt() {
        for (int i = 0; i < 3; i++) {
            produce(T0, Compression.NONE, i, i + 1);
        }
        cluster.damage(T0, 1);
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));

            assertThat(read(consumer, 1)).containsExactly("v0");
            GqException failure = catchThrowableOfType(GqException.class, () -> read(consumer, 1));
            assertThat(failure.code()).isEqualTo(ErrorCode.CORRUPT_BATCH);
            assertThat(consumer.poll(Duration.ofMillis(1), 1)).isEmpty();
        } catch (GqException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_BATCH); // told again until a seek
        }
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));
            consumer.seek(T0, 2);
            assertThat(read(consumer, 1)).containsExactly("v2");
        }
    }

    @ParameterizedTest
    @EnumSource(ReadLevel.class)
    void shouldLoseNothingAndRepeatNothingWhenBrokersComeAndGo(ReadLevel level) throws InterruptedException {
        Thread trouble = new Thread(() -> {
            for (int i = 0; i < 6; i++) {
                FakeBroker broker = cluster.broker(1 + i % 3);
                broker.kill();
                cluster.failOver(broker.node());
                await().pollDelay(Duration.ofMillis(80)).until(() -> true);
                broker.start();
                cluster.moveLeader(T0, 1 + (i + 1) % 3);
            }
        });
        trouble.start();
        try (Consumer consumer = client.consumer()
                .level(level)
                .followerReads(true)
                .partitionBytes(300)
                .build()) {
            consumer.assign(List.of(T0, T1));
            List<String> read = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                produce(T0, Compression.NONE, i * 20, i * 20 + 20);
                consumer.poll(Duration.ofMillis(20)).forEach(r -> read.add(r.valueText()));
            }
            read.addAll(read(consumer, 200 - read.size()));

            assertThat(read).isEqualTo(values(0, 200));
        }
        trouble.join();
    }

    @Test
    void shouldReadOnAtOnceWhenAnotherLeadsAndTheOldOneStandsStill() {
        produce(T0, Compression.NONE, 0, 5);
        try (GqClient patient = GqClient.builder()
                        .bootstrap(cluster.bootstrap())
                        .requestTimeout(Duration.ofSeconds(20))
                        .build();
                Consumer consumer = patient.consumer().build()) {
            consumer.assign(List.of(T0));
            assertThat(read(consumer, 5)).isEqualTo(values(0, 5));
            int silent = cluster.leader(T0);
            await().until(() -> cluster.broker(silent).calls().contains("Fetch"));
            cluster.broker(silent).freeze();
            cluster.failOver(silent);
            produce(T0, Compression.NONE, 5, 10);

            long begin = System.nanoTime();
            assertThat(read(consumer, 5)).isEqualTo(values(5, 10));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
            cluster.broker(silent).unfreeze();
        }
    }

    @Test
    void shouldReadFromFollowersOnlyWhenAskedTo() {
        produce(T0, Compression.NONE, 0, 5);
        int leader = cluster.leader(T0);
        try (Consumer consumer = client.consumer().followerReads(true).build()) {
            consumer.assign(List.of(T0));
            assertThat(read(consumer, 5)).hasSize(5);
        }

        assertThat(cluster.broker(leader).calls()).doesNotContain("Fetch");
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));
            assertThat(read(consumer, 5)).hasSize(5);
        }
        assertThat(cluster.broker(leader).calls()).contains("Fetch");
    }

    @Test
    void shouldReadWithoutALeaderWhenLevelAllows() {
        produce(T0, Compression.NONE, 0, 5);
        cluster.moveLeader(T0, 0);
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));
            assertThat(read(consumer, 5)).isEqualTo(values(0, 5));
        }
    }

    @Test
    void shouldReadPartitionsThatAreAddedLater() {
        try (GqClient curious = GqClient.builder()
                        .bootstrap(cluster.bootstrap())
                        .metadataMaxAge(Duration.ofMillis(50))
                        .build();
                Consumer consumer = curious.consumer().start(OffsetReset.LATEST).build()) {
            consumer.assignTopics(List.of("t"));
            assertThat(consumer.poll(Duration.ofMillis(10))).isEmpty();
            cluster.addPartitions("t", 3);
            produce(new TopicPartition("t", 2), Compression.NONE, 0, 3);

            assertThat(read(consumer, 3)).isEqualTo(values(0, 3));
            assertThat(consumer.assignment()).hasSize(3);
        }
    }

    @Test
    void shouldNotGoOnInAnotherTopicOfTheSameName() {
        produce(T0, Compression.NONE, 0, 5);
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));
            assertThat(read(consumer, 5)).hasSize(5);
            cluster.deleteTopic("t");
            cluster.createTopic("t", 2);

            GqException failure = catchThrowableOfType(GqException.class, () -> read(consumer, 1));
            assertThat(failure.code()).isIn(ErrorCode.UNKNOWN_TOPIC_ID, ErrorCode.UNKNOWN_TOPIC);
        }
    }

    @Test
    void shouldRefuseTopicsAndPartitionsThatAreNot() {
        try (Consumer consumer = client.consumer().build()) {
            assertThatThrownBy(() -> consumer.assignTopics(List.of("nope")))
                    .isInstanceOfSatisfying(
                            GqException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC));
            assertThatThrownBy(() -> consumer.seek(T0, 3)).isInstanceOf(IllegalArgumentException.class);
            consumer.assign(List.of(new TopicPartition("t", 7)));
            assertThatThrownBy(() -> consumer.poll(LONG))
                    .isInstanceOfSatisfying(
                            GqException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_PARTITION));
        }
    }

    @Test
    void shouldReturnFromPollWhenWokenUp() throws InterruptedException {
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));
            Thread waker = new Thread(consumer::wakeup);
            waker.start();

            assertThat(consumer.poll(Duration.ofMinutes(5))).isEmpty();
            waker.join();
        }
    }

    @Test
    void shouldPublishNoMoreThanWasAskedFor() throws InterruptedException {
        produce(T0, Compression.NONE, 0, 10);
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));
            Collector collector = new Collector();
            consumer.publisher().subscribe(collector);

            collector.subscription().request(3);
            await().until(() -> collector.values.size() == 3);
            collector.subscription().request(4);
            await().until(() -> collector.values.size() == 7);
            collector.subscription().request(100);
            await().until(() -> collector.values.size() == 10);

            assertThat(List.copyOf(collector.values)).isEqualTo(values(0, 10));
            consumer.close();
            assertThat(collector.done.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(collector.failure.get()).isNull();
        }
    }

    @Test
    void shouldFailSubscriberThatAsksForNothing() throws InterruptedException {
        try (Consumer consumer = client.consumer().build()) {
            consumer.assign(List.of(T0));
            Collector collector = new Collector();
            consumer.publisher().subscribe(collector);

            collector.subscription().request(0);

            assertThat(collector.done.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(collector.failure.get()).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static final class Collector implements Flow.Subscriber<ConsumedRecord> {
        final ConcurrentLinkedQueue<String> values = new ConcurrentLinkedQueue<>();
        final CountDownLatch done = new CountDownLatch(1);
        final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private volatile Flow.@Nullable Subscription subscription;

        Flow.Subscription subscription() {
            return java.util.Objects.requireNonNull(subscription);
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            subscription = s;
        }

        @Override
        public void onNext(ConsumedRecord record) {
            values.add(record.valueText());
        }

        @Override
        public void onError(Throwable t) {
            failure.set(t);
            done.countDown();
        }

        @Override
        public void onComplete() {
            done.countDown();
        }
    }

    /** Records v0, v1, ... with the timestamps 1000, 1001, ... in one batch. */
    private void produce(TopicPartition tp, Compression codec, int from, int to) {
        try (Producer producer = client.producer()
                .compression(codec)
                .batchBytes(from == 0 && to == 20 ? 128 : 700)
                .build()) {
            for (int i = from; i < to; i++) {
                var unused = producer.send(ProducerRecord.ofText(tp.topic(), "v" + i)
                        .toPartition(tp.partition())
                        .at(1000 + i));
            }
            producer.flush();
        }
    }

    private static List<String> read(Consumer consumer, int count) {
        List<String> values = new ArrayList<>();
        long deadline = System.nanoTime() + LONG.toNanos();
        while (values.size() < count && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(200)).forEach(r -> values.add(r.valueText()));
        }
        return values;
    }

    private static List<String> values(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "v" + i).toList();
    }
}
