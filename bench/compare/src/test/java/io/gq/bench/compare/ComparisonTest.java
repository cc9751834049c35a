package io.gq.bench.compare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.bench.compare.Trial.Scale;
import io.gq.bench.load.Driver;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final Scale SHORT = new Scale(Duration.ZERO, Duration.ofMillis(50), 1 << 16);

    private final List<String> events = new ArrayList<>();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @Test
    void shouldAlternateAndNeverRunBothClustersAtOnce() {
        List<RowResult> results = compare(
                        List.of(row("produce-1k-64k")), new FakeCluster("gq"), new FakeCluster("peer"))
                .run(2);

        assertThat(events)
                .containsExactly(
                        "gq up",
                        "gq topic {}",
                        "gq down",
                        "peer up",
                        "peer topic {}",
                        "peer down",
                        "gq up",
                        "gq topic {}",
                        "gq down",
                        "peer up",
                        "peer topic {}",
                        "peer down");
        assertThat(results.get(0).pairs()).hasSize(2);
    }

    @Test
    void shouldRunALoadOnceForAllRowsThatReadIt() {
        List<Row> rows = List.of(row("produce-1k-64k"), row("produce-1k-64k-flush"), row("cpu-1k-64k"));

        compare(rows, new FakeCluster("gq"), new FakeCluster("peer")).run(1);

        assertThat(events)
                .containsExactly(
                        "gq up",
                        "gq topic {}",
                        "gq down",
                        "peer up",
                        "peer topic {}",
                        "peer topic {flush.messages=1}",
                        "peer down");
    }

    @Test
    void shouldReportARowWhoseTopicIsRefusedAndGoOn() {
        FakeCluster gq = new FakeCluster("gq");
        gq.refused = Map.of("durability", "replicated");

        List<RowResult> results = compare(
                        List.of(row("produce-1k-64k-replicated"), row("produce-1k-64k")), gq, new FakeCluster("peer"))
                .run(1);

        assertThat(results.get(0).pairs()).isEmpty();
        assertThat(results.get(0).reason()).contains("gq refused the topic: no such setting");
        assertThat(results.get(1).pairs()).hasSize(1);
    }

    @Test
    void shouldStopAClusterThatDoesNotComeUp() {
        FakeCluster gq = new FakeCluster("gq");
        gq.broken = true;

        assertThatThrownBy(() -> compare(List.of(row("consume-1k")), gq, new FakeCluster("peer"))
                        .run(1))
                .isInstanceOf(CompareFailure.class);

        assertThat(events).containsExactly("gq up", "gq down");
    }

    private Comparison compare(List<Row> rows, Cluster gq, Cluster peer) {
        return new Comparison(gq, peer, rows, Duration.ZERO, SHORT, new PrintStream(log, true, UTF_8));
    }

    private static Row row(String work) {
        return Row.ALL.stream()
                .filter(row -> row.work().equals(work))
                .findFirst()
                .orElseThrow();
    }

    /** Acknowledges everything at once; its broker is this process. */
    private final class FakeCluster implements Cluster {
        private final String name;
        private Map<String, String> refused = Map.of();
        private boolean broken;

        FakeCluster(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String durability() {
            return "none";
        }

        @Override
        public void start() {
            events.add(name + " up");
            if (broken) {
                throw new CompareFailure("does not come up");
            }
        }

        @Override
        public List<Long> pids() {
            return List.of(ProcessHandle.current().pid());
        }

        @Override
        public void stop() {
            events.add(name + " down");
        }

        @Override
        public Driver connect() {
            return new Driver() {
                @Override
                public void createTopic(String topic, int partitions, int replicas, Map<String, String> config) {
                    if (!config.isEmpty() && config.equals(refused)) {
                        throw new IllegalArgumentException("no such setting");
                    }
                    events.add(name + " topic " + config);
                }

                @Override
                public void deleteTopic(String topic) {}

                @Override
                public RecordSender sender(String topic, SenderOptions options) {
                    return new RecordSender() {
                        @Override
                        public void send(byte[] value, Answer answer) {
                            answer.answered(null);
                        }

                        @Override
                        public void flush() {}

                        @Override
                        public void close() {}
                    };
                }

                @Override
                public RecordReceiver receiver(String topic) {
                    throw new IllegalStateException("nothing to read");
                }

                @Override
                public void close() {}
            };
        }
    }
}
