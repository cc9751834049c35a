package io.gq.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.GqClient;
import io.gq.client.consumer.ConsumedRecord;
import io.gq.client.consumer.Consumer;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.client.producer.RecordMetadata;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.core.service.ReadLevel;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.it.load.Lines;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes out is what went in: every file, every codec, byte for byte. */
@Tag("cluster")
@Order(5)
@SharedCluster(SharedCluster.CALM)
class RoundTripTest {

    private static final String TOPIC = "round-trip";
    private static final Comparator<byte[]> BY_BYTES = Arrays::compareUnsigned;
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

    static Stream<Arguments> filesAndCodecs() {
        return Lines.all().stream()
                .flatMap(file -> Arrays.stream(Compression.values()).map(codec -> Arguments.of(file, codec)));
    }

    @ParameterizedTest
    @MethodSource("filesAndCodecs")
    void shouldGiveBackWhatWasProduced(Lines file, Compression codec, ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        if (topics.info(TOPIC).hasError()) {
            topics.create(TOPIC, 3, 3);
        }
        try (GqClient client = GqClient.connect(cluster.bootstrap());
                Consumer consumer = client.consumer().build();
                Producer producer = client.producer()
                        .compression(codec)
                        .linger(Duration.ofMillis(5))
                        .build()) {
            List<TopicPartition> partitions = consumer.partitionsOf(TOPIC);
            Map<TopicPartition, Long> from = consumer.endOffsets(partitions, ReadLevel.LINEARIZABLE);

            List<CompletableFuture<RecordMetadata>> sent = file.records().stream()
                    .map(record -> producer.send(ProducerRecord.of(TOPIC, record)))
                    .toList();
            producer.flush();

            assertThat(sent).allSatisfy(future -> assertThat(future).isCompleted());
            Map<TopicPartition, Long> to = consumer.endOffsets(partitions, ReadLevel.LINEARIZABLE);
            List<byte[]> read = read(consumer, from, to);
            assertThat(read).usingElementComparator(BY_BYTES).containsExactlyElementsOf(sorted(file.records()));
        }
    }

    @Test
    void shouldKeepOrderAndKeysWithinPartitions(ClusterFixture cluster) {
        Topics topics = new Topics(cluster);
        topics.create("keyed", 3, 3);
        try (GqClient client = GqClient.connect(cluster.bootstrap());
                Producer producer = client.producer().build();
                Consumer consumer = client.consumer().followerReads(true).build()) {
            for (int i = 0; i < 1_000; i++) {
                var unused = producer.send(ProducerRecord.ofText("keyed", "key-" + i % 17, Integer.toString(i)));
            }
            producer.flush();
            consumer.assignTopics(List.of("keyed"));
            Map<String, List<Integer>> byKey = new HashMap<>();
            Map<String, Integer> partitionOf = new HashMap<>();
            int seen = 0;
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (seen < 1_000 && System.nanoTime() < deadline) {
                for (ConsumedRecord record : consumer.poll(Duration.ofSeconds(1))) {
                    String key = new String(record.keyBytes(), StandardCharsets.UTF_8);
                    byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(Integer.valueOf(record.valueText()));
                    assertThat(partitionOf.computeIfAbsent(key, k -> record.partition()))
                            .as("partition of " + key)
                            .isEqualTo(record.partition());
                    seen++;
                }
            }

            assertThat(byKey).hasSize(17);
            assertThat(byKey.values()).allSatisfy(values -> assertThat(values).isSorted());
            assertThat(seen).isEqualTo(1_000);
        }
    }

    private static List<byte[]> read(Consumer consumer, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
        consumer.assign(from.keySet());
        from.forEach(consumer::seek);
        long wanted = to.entrySet().stream()
                .mapToLong(end -> end.getValue() - from.get(end.getKey()))
                .sum();
        List<byte[]> records = new ArrayList<>();
        long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
        while (records.size() < wanted && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofSeconds(1)).forEach(record -> records.add(record.valueBytes()));
        }
        return sorted(records);
    }

    private static List<byte[]> sorted(List<byte[]> records) {
        return records.stream().sorted(BY_BYTES).toList();
    }
}
