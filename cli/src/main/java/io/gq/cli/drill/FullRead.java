package io.gq.cli.drill;

import io.gq.cli.drill.DrillVerdict.Row;
import io.gq.client.GqClient;
import io.gq.client.consumer.ConsumedRecord;
import io.gq.client.consumer.Consumer;
import io.gq.core.TopicPartition;
import io.gq.core.service.ReadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Reads all of a topic with a fresh client, from the first record to the end that a linearizable read gave. */
final class FullRead {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private FullRead() {}

    /** @return the records of each partition in the order they were read */
    static Map<Integer, List<Row>> of(Supplier<GqClient> clients, String topic) throws DrillFailure {
        Map<Integer, List<Row>> rows = new TreeMap<>();
        try (GqClient client = clients.get();
                Consumer consumer = client.consumer().build()) {
            List<TopicPartition> partitions = consumer.partitionsOf(topic);
            partitions.forEach(partition -> rows.put(partition.partition(), new ArrayList<>()));
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
                    rows.get(record.partition()).add(new Row(record.offset(), DrillLoad.decode(record.valueText())));
                }
                left.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
            }
        }
        return rows;
    }
}
