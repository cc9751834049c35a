package io.gq.bench.compare;

import io.gq.cli.drill.DrillFailure;
import io.gq.cli.drill.DrillTarget;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Kafka as the drill's target: its own clients with their defaults, the producer idempotent with acks=all. */
final class KafkaTarget implements DrillTarget {

    private static final Duration READ_TIMEOUT = Duration.ofMinutes(2);

    private final KafkaCluster cluster;
    private final KafkaDriver driver;
    private @Nullable Expected expected;

    /** The drill's topic as it is when all is well. */
    private record Expected(String topic, int partitions, int replicas) {}

    /** @param cluster that runs */
    KafkaTarget(KafkaCluster cluster) {
        this.cluster = cluster;
        this.driver = new KafkaDriver(cluster.bootstrap());
    }

    @Override
    public int brokers() {
        return cluster.nodes();
    }

    @Override
    public void createTopic(String topic, int partitions, int replicas) {
        driver.createTopic(topic, partitions, replicas, Map.of());
        expected = new Expected(topic, partitions, replicas);
    }

    @Override
    public void deleteTopic(String topic) {
        expected = null;
        driver.deleteTopic(topic);
    }

    @Override
    public boolean healthy() {
        Expected now = expected;
        return driver.nodes() == cluster.nodes()
                && (now == null || driver.inSync(now.topic(), now.partitions(), now.replicas()));
    }

    @Override
    public Map<Integer, Integer> leaders(String topic) {
        Map<Integer, Integer> leaders = new HashMap<>();
        for (TopicPartitionInfo partition : driver.partitions(topic)) {
            Node leader = partition.leader();
            leaders.put(partition.partition(), leader == null ? 0 : leader.id());
        }
        return leaders;
    }

    @Override
    public Optional<ProcessHandle> process(int node) {
        return node < 1 || node > cluster.nodes() ? Optional.empty() : cluster.process(node);
    }

    @Override
    public void startBrokers() {
        cluster.startMissing();
    }

    @Override
    public Sender sender(String topic, Duration deliveryTimeout) {
        return new KafkaSender(
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", cluster.bootstrap(), "delivery.timeout.ms", (int)
                                deliveryTimeout.toMillis()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer()),
                topic);
    }

    private record KafkaSender(Producer<byte[], byte[]> producer, String topic) implements Sender {
        @Override
        public void send(int partition, byte[] value, Answer answer) {
            var unused = producer.send(new ProducerRecord<>(topic, partition, null, value), (metadata, failure) -> {
                if (failure == null) {
                    answer.acknowledged(metadata.offset());
                } else {
                    answer.unknown(); // Kafka's client does not tell whether it may have been appended
                }
            });
        }

        @Override
        public void close() {
            producer.close();
        }
    }

    @Override
    public void readAll(String topic, Sink sink) throws DrillFailure {
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrap(), "enable.auto.commit", false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = driver.partitions(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            Map<TopicPartition, Long> left = new HashMap<>(consumer.endOffsets(partitions));
            left.values().removeIf(end -> end == 0);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (!left.isEmpty()) {
                if (System.nanoTime() - deadline > 0) {
                    throw new DrillFailure("full read of " + topic + ": not at the end after " + READ_TIMEOUT
                            + " (expected: up to " + left + ")");
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    sink.record(
                            record.partition(), record.offset(), new String(record.value(), StandardCharsets.UTF_8));
                }
                left.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
            }
        }
    }

    @Override
    public void close() {
        driver.close();
    }
}
