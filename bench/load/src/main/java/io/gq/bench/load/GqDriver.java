package io.gq.bench.load;

import io.gq.client.GqClient;
import io.gq.client.admin.NewTopic;
import io.gq.client.consumer.ConsumedRecord;
import io.gq.client.consumer.Consumer;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.core.TopicPartition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** gq by its own Java client, with its defaults. */
public final class GqDriver implements Driver {

    private final String bootstrap;
    private final GqClient admin;

    /** @param bootstrap {@code host:port,host:port,...} */
    public GqDriver(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = connect();
    }

    private GqClient connect() {
        return GqClient.builder().bootstrap(bootstrap).clientName("gq-bench").build();
    }

    @Override
    public void createTopic(String topic, int partitions, int replicas, Map<String, String> config) {
        var unused = admin.admin().createTopic(new NewTopic(topic, partitions, replicas, config));
    }

    @Override
    public void deleteTopic(String topic) {
        admin.admin().deleteTopic(topic);
    }

    @Override
    public RecordSender sender(String topic, SenderOptions options) {
        GqClient client = connect();
        Producer.Builder builder = client.producer();
        options.batchBytes().ifPresent(builder::batchBytes);
        options.linger().ifPresent(builder::linger);
        return new Sender(client, builder.build(), topic);
    }

    @Override
    public RecordReceiver receiver(String topic) {
        GqClient client = connect();
        Consumer consumer = client.consumer().build();
        consumer.assignTopics(List.of(topic));
        return new Receiver(client, consumer, consumer.partitionsOf(topic));
    }

    @Override
    public void close() {
        admin.close();
    }

    private record Sender(GqClient client, Producer producer, String topic) implements RecordSender {
        @Override
        public void send(byte[] value, Answer answer) {
            var unused = producer.send(ProducerRecord.of(topic, value))
                    .whenComplete((metadata, failure) -> answer.answered(failure));
        }

        @Override
        public void flush() {
            producer.flush();
        }

        @Override
        public void close() {
            producer.close();
            client.close();
        }
    }

    private record Receiver(GqClient client, Consumer consumer, List<TopicPartition> partitions)
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
            consumer.seekToStart(partitions);
        }

        @Override
        public void seekToEnd() {
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
        }

        @Override
        public void poll(Duration wait, Sink sink) {
            for (ConsumedRecord record : consumer.poll(wait)) {
                ByteBuffer value = record.record().value();
                if (value != null) {
                    sink.record(value);
                }
            }
        }

        @Override
        public void close() {
            consumer.close();
            client.close();
        }
    }
}
