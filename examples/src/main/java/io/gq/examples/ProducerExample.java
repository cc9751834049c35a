package io.gq.examples;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.core.record.Compression;
import java.time.Duration;

/** Writes ten records, and tells for each what became of it. */
public final class ProducerExample {

    private ProducerExample() {}

    public static void main(String[] args) {
        try (GqClient client = GqClient.connect(args.length > 0 ? args[0] : AdminExample.BOOTSTRAP);
                Producer producer = client.producer()
                        .compression(Compression.ZSTD)
                        .deliveryTimeout(Duration.ofSeconds(10))
                        .build()) {
            for (int i = 0; i < 10; i++) {
                var unused = producer.send(ProducerRecord.ofText(AdminExample.TOPIC, "key-" + i % 3, "hello " + i))
                        .handle((metadata, failure) -> {
                            System.out.println(failure == null ? "written: " + metadata : explain(failure));
                            return null;
                        });
            }
            producer.flush();
        }
    }

    private static String explain(Throwable failure) {
        boolean unknown = failure instanceof GqException e && e.outcomeUnknown();
        return (unknown ? "may be written: " : "not written: ") + failure.getMessage();
    }
}
