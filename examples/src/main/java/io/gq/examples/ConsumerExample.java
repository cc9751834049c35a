package io.gq.examples;

import io.gq.client.GqClient;
import io.gq.client.consumer.ConsumedRecord;
import io.gq.client.consumer.Consumer;
import io.gq.client.consumer.OffsetReset;
import java.time.Duration;
import java.util.List;

/** Reads the topic from its first record on, until nothing comes for five seconds. */
public final class ConsumerExample {

    private ConsumerExample() {}

    public static void main(String[] args) {
        try (GqClient client = GqClient.connect(args.length > 0 ? args[0] : AdminExample.BOOTSTRAP);
                Consumer consumer =
                        client.consumer().start(OffsetReset.EARLIEST).build()) {
            consumer.assignTopics(List.of(AdminExample.TOPIC));
            List<ConsumedRecord> records = consumer.poll(Duration.ofSeconds(5));
            while (!records.isEmpty()) {
                for (ConsumedRecord record : records) {
                    System.out.println(record.partition() + " " + record.offset() + " " + record.valueText());
                }
                records = consumer.poll(Duration.ofSeconds(5));
            }
        }
    }
}
