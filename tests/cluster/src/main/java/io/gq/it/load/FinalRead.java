package io.gq.it.load;

import io.gq.core.TopicPartition;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.ReadLevel;
import io.gq.testing.history.HistoryRecorder;
import io.gq.testing.history.LogDump;

/** Reads all of a topic twice over: through the leaders, which judges, and on every replica. For a cluster at rest. */
public final class FinalRead {

    private final ClusterFixture cluster;
    private final Topics topics;
    private final String topic;
    private final int partitions;
    private final HistoryRecorder recorder;

    public FinalRead(ClusterFixture cluster, String topic, int partitions, HistoryRecorder recorder) {
        this.cluster = cluster;
        this.topics = new Topics(cluster);
        this.topic = topic;
        this.partitions = partitions;
        this.recorder = recorder;
    }

    /** Every broker must run and hold a replica of every partition: one that cannot be read ends it. */
    public void run() {
        for (int partition = 0; partition < partitions; partition++) {
            dump(LogDump.FINAL, topics.leader(topic, partition), partition, ReadLevel.READ_LEVEL_LINEARIZABLE);
            for (BrokerProcess broker : cluster.brokers()) {
                dump("replica-" + broker.node(), broker, partition, ReadLevel.READ_LEVEL_COMMITTED);
            }
        }
    }

    private void dump(String source, BrokerProcess broker, int partition, ReadLevel level) {
        try (RawClient client = new RawClient(broker.address())) {
            RawClient.Dump dump = client.dump(topic, partition, level);
            recorder.dump(new LogDump(
                    source,
                    new TopicPartition(topic, partition),
                    dump.startOffset(),
                    dump.endOffset(),
                    dump.rows().stream()
                            .map(row -> new LogDump.Row(row.offset(), Payload.name(row.value())))
                            .toList()));
        }
    }
}
