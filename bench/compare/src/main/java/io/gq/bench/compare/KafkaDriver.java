package io.gq.bench.compare;

import io.gq.bench.load.Driver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/** Kafka by its own Java client, with its defaults: acks=all, idempotent. */
final class KafkaDriver implements Driver {

    private static final long CALL_SECONDS = 30;

    private final String bootstrap;
    private final Admin admin;

    /** @param bootstrap {@code host:port,host:port,...} */
    KafkaDriver(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    /** Brokers that are up; 0 where nobody answers within a second or so. */
    int nodes() {
        try {
            return admin.describeCluster().nodes().get(1, TimeUnit.SECONDS).size();
        } catch (TimeoutException | ExecutionException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompareFailure("interrupted", e);
        }
    }

    @Override
    public void createTopic(String topic, int partitions, int replicas, Map<String, String> config) {
        NewTopic wanted = new NewTopic(topic, partitions, (short) replicas).configs(config);
        get("create " + topic, admin.createTopics(List.of(wanted)).all());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CALL_SECONDS);
        while (!inSync(topic, partitions, replicas)) {
            if (System.nanoTime() - deadline > 0) {
                throw new CompareFailure("topic " + topic + ": replicas not in sync after " + CALL_SECONDS + " s");
            }
            Commands.pause();
        }
    }

    /** Whether each partition has a leader and all its replicas have caught up with it. */
    boolean inSync(String topic, int partitions, int replicas) {
        List<TopicPartitionInfo> found = partitions(topic);
        return found.size() == partitions
                && found.stream().allMatch(p -> p.leader() != null && p.isr().size() == replicas);
    }

    /** Empty where the broker that was asked has not heard of the topic. */
    List<TopicPartitionInfo> partitions(String topic) {
        try {
            return admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(CALL_SECONDS, TimeUnit.SECONDS)
                    .get(topic)
                    .partitions();
        } catch (ExecutionException e) {
            return List.of();
        } catch (TimeoutException e) {
            throw new CompareFailure("describe " + topic + ": no answer within " + CALL_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompareFailure("interrupted", e);
        }
    }

    @Override
    public void deleteTopic(String topic) {
        get("delete " + topic, admin.deleteTopics(List.of(topic)).all());
    }

    @Override
    public RecordSender sender(String topic, SenderOptions options) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap));
        options.batchBytes().ifPresent(bytes -> settings.put("batch.size", bytes));
        options.linger().ifPresent(time -> settings.put("linger.ms", time.toMillis()));
        return new Sender(new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()), topic);
    }

    @Override
    public RecordReceiver receiver(String topic) {
        Consumer<ByteBuffer, ByteBuffer> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest", "enable.auto.commit", false),
                new ByteBufferDeserializer(),
                new ByteBufferDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return new Receiver(consumer, partitions);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }

    private static <T> T get(String what, KafkaFuture<T> future) {
        try {
            return future.get(CALL_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new CompareFailure(what + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new CompareFailure(what + ": no answer within " + CALL_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompareFailure("interrupted", e);
        }
    }

    private record Sender(Producer<byte[], byte[]> producer, String topic) implements RecordSender {
        @Override
        public void send(byte[] value, Answer answer) {
            var unused =
                    producer.send(new ProducerRecord<>(topic, value), (metadata, failure) -> answer.answered(failure));
        }

        @Override
        public void flush() {
            producer.flush();
        }

        @Override
        public void close() {
            producer.close();
        }
    }

    private record Receiver(Consumer<ByteBuffer, ByteBuffer> consumer, List<TopicPartition> partitions)
            implements RecordReceiver {
        @Override
        public long available() {
            Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
            return consumer.endOffsets(partitions).entrySet().stream()
                    .mapToLong(end -> end.getValue() - starts.getOrDefault(end.getKey(), 0L))
                    .sum();
        }

        @Override
        public void seekToStart() {
            consumer.seekToBeginning(partitions);
        }

        @Override
        public void seekToEnd() {
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
        }

        @Override
        public void poll(Duration wait, Sink sink) {
            for (ConsumerRecord<ByteBuffer, ByteBuffer> record : consumer.poll(wait)) {
                sink.record(record.value());
            }
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
