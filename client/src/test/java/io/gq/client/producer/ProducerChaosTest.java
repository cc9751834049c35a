package io.gq.client.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.fake.FakeBroker;
import io.gq.client.fake.FakeCluster;
import io.gq.client.fake.Trouble;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Leaders move, streams break, answers get lost, brokers die and freeze: judged by what the log holds in the end. */
class ProducerChaosTest {

    private static final int PARTITIONS = 3;
    private static final int RECORDS = 3000;
    private static final int STEPS = 40;

    static Stream<Seeds> seeds() {
        return Seeds.many(6);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldLoseDuplicateAndReorderNothingWhenAllGetsItsTime(Seeds seeds) {
        Run run = new Run(seeds.random().nextLong(), Duration.ofSeconds(60));

        run.chaos();

        assertThat(run.failures).isEmpty();
        run.checkLog();
        assertThat(run.found).hasSize(RECORDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldTellFailedFromUnknownWhenTimeRunsOut(Seeds seeds) {
        Run run = new Run(seeds.random().nextLong(), Duration.ofMillis(60));

        run.chaos();

        run.checkLog();
    }

    /** One cluster, one producer, one thread that makes trouble. */
    private static final class Run {
        private final SplittableRandom random;
        private final Duration deliveryTimeout;
        private final Map<Integer, RecordMetadata> acknowledged = new HashMap<>();
        private final Map<Integer, GqException> failures = new HashMap<>();
        private final Set<Integer> found = new HashSet<>();
        private final List<List<String>> logs = new ArrayList<>();

        Run(long seed, Duration deliveryTimeout) {
            this.random = new SplittableRandom(seed);
            this.deliveryTimeout = deliveryTimeout;
        }

        void chaos() {
            AtomicBoolean stop = new AtomicBoolean();
            try (FakeCluster cluster = FakeCluster.start(3);
                    GqClient client = GqClient.builder()
                            .bootstrap(cluster.bootstrap())
                            .requestTimeout(Duration.ofMillis(250))
                            .connectTimeout(Duration.ofSeconds(2))
                            .build()) {
                cluster.createTopic("t", PARTITIONS);
                SplittableRandom dice = random.split();
                cluster.troubles((broker, tp) -> trouble(dice.nextInt(100)));
                SplittableRandom plan = random.split();
                Thread breaker = new Thread(() -> breakThings(cluster, plan, stop), "breaker");
                try (Producer producer = client.producer()
                        .batchBytes(400)
                        .bufferBytes(64 << 10)
                        .compression(random.nextBoolean() ? Compression.LZ4 : Compression.NONE)
                        .deliveryTimeout(deliveryTimeout)
                        .blockMax(Duration.ofSeconds(60))
                        .build()) {
                    breaker.start();
                    List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
                    for (int i = 0; i < RECORDS; i++) {
                        futures.add(producer.send(
                                ProducerRecord.ofText("t", "r" + i).toPartition(i % PARTITIONS)));
                    }
                    for (int i = 0; i < RECORDS; i++) {
                        collect(i, futures.get(i));
                    }
                } finally {
                    stop.set(true);
                    join(breaker);
                }
                cluster.brokers().forEach(FakeBroker::kill); // nothing that still lurks is appended after the look
                for (int p = 0; p < PARTITIONS; p++) {
                    logs.add(cluster.log(new TopicPartition("t", p)).stream()
                            .map(r -> UTF_8.decode(r.value().duplicate()).toString())
                            .toList());
                }
            }
        }

        private void collect(int i, CompletableFuture<RecordMetadata> future) {
            try {
                acknowledged.put(i, future.join());
            } catch (CompletionException e) {
                failures.put(i, (GqException) e.getCause());
            }
        }

        private static Trouble trouble(int dice) {
            if (dice >= 14) {
                return Trouble.NONE;
            }
            return switch (dice) {
                case 0, 1 -> Trouble.NOT_LEADER;
                case 2 -> Trouble.THROTTLED;
                case 3, 4 -> Trouble.BREAK_AFTER;
                case 5 -> Trouble.BREAK_BEFORE;
                case 6 -> Trouble.UNKNOWN_AFTER;
                case 7 -> Trouble.UNKNOWN_BEFORE;
                case 8 -> Trouble.LOSE_ANSWER;
                default -> Trouble.DELAY;
            };
        }

        private static void breakThings(FakeCluster cluster, SplittableRandom plan, AtomicBoolean stop) {
            for (int step = 0; step < STEPS && !stop.get(); step++) {
                TopicPartition tp = new TopicPartition("t", plan.nextInt(PARTITIONS));
                FakeBroker broker = cluster.broker(1 + plan.nextInt(3));
                switch (plan.nextInt(6)) {
                    case 0, 1 -> cluster.moveLeader(tp, 1 + plan.nextInt(3));
                    case 2 -> broker.breakStreams();
                    case 3 -> {
                        cluster.moveLeader(tp, 0);
                        pause(plan);
                        cluster.moveLeader(tp, 1 + plan.nextInt(3));
                    }
                    case 4 -> {
                        broker.freeze();
                        pause(plan);
                        cluster.failOver(broker.node());
                        pause(plan);
                        broker.unfreeze();
                    }
                    default -> {
                        broker.kill();
                        cluster.failOver(broker.node());
                        pause(plan);
                        broker.start();
                    }
                }
                pause(plan);
            }
        }

        private static void pause(SplittableRandom plan) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5 + plan.nextInt(60)));
        }

        private static void join(Thread thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void checkLog() {
            for (int p = 0; p < PARTITIONS; p++) {
                int last = -1;
                for (String value : logs.get(p)) {
                    int i = Integer.parseInt(value.substring(1));
                    assertThat(found.add(i)).as("appended once: %s", i).isTrue();
                    assertThat(i % PARTITIONS).isEqualTo(p);
                    boolean told = !failures.containsKey(i) || failures.get(i).outcomeUnknown();
                    assertThat(told)
                            .as("in the log, so not told as failed: %s %s", i, failures.get(i))
                            .isTrue();
                    if (acknowledged.containsKey(i)) {
                        assertThat(i).as("in order of sending").isGreaterThan(last);
                        last = i;
                    }
                }
            }
            for (Map.Entry<Integer, RecordMetadata> entry : acknowledged.entrySet()) {
                int i = entry.getKey();
                RecordMetadata at = entry.getValue();
                assertThat(logs.get(at.topicPartition().partition()).get((int) at.offset()))
                        .isEqualTo("r" + i);
            }
        }
    }
}
