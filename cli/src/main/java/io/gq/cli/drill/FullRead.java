package io.gq.cli.drill;

import io.gq.client.GqClient;
import io.gq.client.consumer.ConsumedRecord;
import io.gq.client.consumer.Consumer;
import io.gq.core.TopicPartition;
import io.gq.core.service.ReadLevel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Reads all of a topic with a fresh client, from the first record to the end that a linearizable read gave. */
final class FullRead {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private FullRead() {}

    static void of(Supplier<GqClient> clients, String topic, DrillTarget.Sink sink) throws DrillFailure {
        try (GqClient client = clients.get();
                Consumer consumer = client.consumer().build()) {
            List<TopicPartition> partitions = consumer.partitionsOf(topic);
            Map<TopicPartition, Long> left = new HashMap<>(consumer.endOffsets(partitions, ReadLevel.LINEARIZABLE));
            left.values().removeIf(end -> end == 0);
            consumer.assign(partitions);
            consumer.seekToStart(partitions);
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (!left.isEmpty()) {
                if (System.nanoTime() - deadline > 0) {
                    throw new DrillFailure("full read of " + topic + ": not at the end after " + TIMEOUT
                            + " (expected: up to " + left + ")");
                }
                for (ConsumedRecord record : consumer.poll(Duration.ofSeconds(1))) {
                    sink.record(record.partition(), record.offset(), record.valueText());
                }
                left.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
            }
        }
    }
}
