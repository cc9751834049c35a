package io.gq.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The drill on a cluster that is made up, but for the processes that are killed. */
@Timeout(60)
class DrillTest {

    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();
    private final MadeUp target = new MadeUp();

    @AfterEach
    void end() {
        target.close();
    }

    @Test
    void shouldKillALeaderAndJudgeByWhatIsRead() throws Exception {
        DrillReport report = drill(2).run();

        assertThat(report.verdict().clean()).isTrue();
        assertThat(report.verdict().acked())
                .isEqualTo(target.stored.values().stream().mapToLong(List::size).sum());
        assertThat(report.json()).startsWith("{\"mode\":\"kill\",\"trials\":2,");
        assertThat(target.started).as("once after each trial").isEqualTo(2);
        assertThat(progress.toString(StandardCharsets.UTF_8).lines().filter(line -> line.startsWith("trial")))
                .as("each trial the leader of another partition, and when all was well again")
                .satisfiesExactly(
                        line -> assertThat(line).matches("trial 1: killed node 1, gap in ms by partition \\{0=\\d+}"),
                        line -> assertThat(line).matches("trial 1: cluster healthy again after \\d+ s"),
                        line -> assertThat(line).matches("trial 2: killed node 2, gap in ms by partition \\{1=\\d+}"),
                        line -> assertThat(line).matches("trial 2: cluster healthy again after \\d+ s"));
    }

    @Test
    void shouldCountTheTimeWithoutALeader() throws Exception {
        target.silence = Duration.ofMillis(400);

        DrillReport report = drill(1).run();

        assertThat(Integer.parseInt(report.json().replaceAll(".*gap_ms_max\":(\\d+),.*", "$1")))
                .isGreaterThanOrEqualTo(400);
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        report.print(new PrintStream(table, true, StandardCharsets.UTF_8));
        long back = Long.parseLong(table.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("all"))
                .findFirst()
                .orElseThrow()
                .split(" +", -1)[5]);
        assertThat(back).as("all back").isBetween(400L, 4_000L);
    }

    @Test
    void shouldFindWhatWasAcknowledgedAndIsNotThere() throws Exception {
        target.losesItsThird = true;

        DrillReport report = drill(1).run();

        assertThat(report.verdict().lost()).isEqualTo(1);
        assertThat(report.verdict().clean()).isFalse();
    }

    @Test
    void shouldFailWhereTheLeadersProcessIsNotKnown() {
        target.brokers.clear();

        assertThatThrownBy(() -> drill(1).run())
                .isInstanceOf(DrillFailure.class)
                .hasMessageContaining("node 1, leader of t-0");
    }

    private Drill drill(int trials) {
        return new Drill(
                target,
                new Drill.Settings("t", 2, 0, trials, 400, Fault.KILL, Duration.ZERO, Duration.ZERO),
                new PrintStream(progress, true, StandardCharsets.UTF_8));
    }

    /** Three brokers, of which nodes 1 and 2 lead a partition each; a partition whose leader is gone takes nothing for a while. */
    private static final class MadeUp implements DrillTarget {

        private record Kept(long offset, String value) {}

        final Map<Integer, Process> brokers = new ConcurrentSkipListMap<>();
        final Map<Integer, List<Kept>> stored = new HashMap<>();
        private final Map<Integer, Long> goneSinceNanos = new HashMap<>();
        volatile Duration silence = Duration.ZERO;
        volatile boolean losesItsThird;
        int started;

        MadeUp() {
            startAll();
        }

        private void startAll() {
            for (int node = 1; node <= 3; node++) {
                brokers.computeIfAbsent(node, n -> sleeper());
            }
        }

        private static Process sleeper() {
            try {
                return new ProcessBuilder("sleep", "1000").start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public int brokers() {
            return 3;
        }

        @Override
        public void createTopic(String topic, int partitions, int replicas) {
            for (int partition = 0; partition < partitions; partition++) {
                stored.put(partition, new ArrayList<>());
            }
        }

        @Override
        public void deleteTopic(String topic) {}

        @Override
        public boolean healthy() {
            return true;
        }

        @Override
        public Map<Integer, Integer> leaders(String topic) {
            return Map.of(0, 1, 1, 2);
        }

        @Override
        public Optional<ProcessHandle> process(int node) {
            return Optional.ofNullable(brokers.get(node)).map(Process::toHandle);
        }

        @Override
        public void startBrokers() {
            started++;
            brokers.values().removeIf(process -> !process.isAlive());
            startAll();
        }

        @Override
        public Sender sender(String topic, Duration deliveryTimeout) {
            return new Sender() {
                @Override
                public void send(int partition, byte[] value, Answer answer) {
                    if (silent(partition + 1)) {
                        answer.refused();
                    } else {
                        List<Kept> kept = stored.get(partition);
                        long offset = kept.size();
                        kept.add(new Kept(offset, new String(value, StandardCharsets.UTF_8)));
                        answer.acknowledged(offset);
                    }
                }

                @Override
                public void close() {}
            };
        }

        private boolean silent(int leader) {
            Process process = brokers.get(leader);
            if (process == null || process.isAlive()) {
                goneSinceNanos.remove(leader);
                return false;
            }
            long since = goneSinceNanos.computeIfAbsent(leader, n -> System.nanoTime());
            return System.nanoTime() - since < silence.toNanos();
        }

        @Override
        public void readAll(String topic, Sink sink) {
            stored.forEach((partition, kept) -> kept.forEach(record -> {
                if (!losesItsThird || partition != 0 || record.offset() != 3) {
                    sink.record(partition, record.offset(), record.value());
                }
            }));
        }

        @Override
        public void close() {
            brokers.values().forEach(Process::destroyForcibly);
        }
    }
}
