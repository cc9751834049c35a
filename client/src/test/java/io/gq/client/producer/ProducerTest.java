package io.gq.client.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.GqClient;
import io.gq.client.fake.FakeCluster;
import io.gq.core.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProducerTest {

    private static final TopicPartition TP = new TopicPartition("t", 0);

    @Test
    void shouldAppendInOrderOfSendWhenAllIsWell() {
        try (FakeCluster cluster = FakeCluster.start(3);
                GqClient client = GqClient.connect(cluster.bootstrap());
                Producer producer = client.producer().batchBytes(512).build()) {
            cluster.createTopic("t", 1);

            List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                futures.add(producer.send(ProducerRecord.ofText("t", "v" + i)));
            }
            producer.flush();

            for (int i = 0; i < 1000; i++) {
                assertThat(futures.get(i))
                        .isCompletedWithValueMatching(m -> m.topicPartition().equals(TP));
                assertThat(futures.get(i).join().offset()).isEqualTo(i);
            }
            assertThat(cluster.log(TP))
                    .extracting(r -> UTF_8.decode(r.value().duplicate()).toString())
                    .hasSize(1000)
                    .startsWith("v0", "v1")
                    .endsWith("v999");
        }
    }
}
