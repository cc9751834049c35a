package io.gq.it.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.consumer.ConsumedRecord;
import io.gq.client.consumer.Consumer;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.client.producer.RecordMetadata;
import io.gq.core.TopicPartition;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.ListedOffset;
import io.gq.proto.v1.ReadLevel;
import io.gq.testing.history.HistoryChecker;
import io.gq.testing.history.HistoryConfig;
import io.gq.testing.history.HistoryRecorder;
import io.gq.testing.history.HistoryReport;
import io.gq.testing.history.Read;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Idempotent producers that write to all partitions of a topic at a fixed rate, whatever happens to the cluster, consumers that read
 * along, and a reader that asks for the end of a partition. {@link #judge} stops them, waits until the replicas are equal, and lets a full read decide.
 */
public final class Load implements AutoCloseable {

    private static final int PRODUCERS = 3;
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(45);
    private static final int RECORDS_PER_S = 750;
    private static final long ASK_EVERY_NS = 50_000_000;

    private final ClusterFixture cluster;
    private final Topics topics;
    private final String topic;
    private final int partitions;
    private final long sendEveryNs; // each producer
    private final HistoryRecorder recorder = new HistoryRecorder(System::nanoTime);
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong consumed = new AtomicLong();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Queue<String> readErrors = new ConcurrentLinkedQueue<>();
    private final List<GqClient> clients = new ArrayList<>();
    private final List<Producer> producers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    private Load(ClusterFixture cluster, String topic, int partitions, int recordsPerS) {
        this.cluster = cluster;
        this.topics = new Topics(cluster);
        this.topic = topic;
        this.partitions = partitions;
        this.sendEveryNs = PRODUCERS * 1_000_000_000L / recordsPerS;
    }

    /** Makes the topic, begins, and returns when records are being acknowledged. */
    public static Load start(ClusterFixture cluster, String topic, int partitions) {
        return start(cluster, topic, partitions, Map.of());
    }

    /** @param config settings of the topic */
    public static Load start(ClusterFixture cluster, String topic, int partitions, Map<String, String> config) {
        return start(cluster, topic, partitions, config, RECORDS_PER_S);
    }

    /** @param recordsPerS over all producers */
    public static Load start(
            ClusterFixture cluster, String topic, int partitions, Map<String, String> config, int recordsPerS) {
        Load load = new Load(cluster, topic, partitions, recordsPerS);
        load.topics.create(topic, partitions, 3, config);
        for (int process = 1; process <= PRODUCERS; process++) {
            int number = process;
            GqClient client = GqClient.connect(cluster.bootstrap());
            Producer producer =
                    client.producer().deliveryTimeout(DELIVERY_TIMEOUT).build();
            load.clients.add(client);
            load.producers.add(producer);
            load.spawn("producer-" + number, () -> load.produce(number, producer));
        }
        load.spawn("end-reader", load::askForEnds);
        load.spawn("consumer", () -> load.consume("consumer", false));
        load.spawn("follower-consumer", () -> load.consume("follower-consumer", true));
        load.awaitAcknowledged(100);
        return load;
    }

    private void spawn(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void produce(int process, Producer producer) {
        long next = System.nanoTime();
        for (long counter = 0; !stopping; counter++) {
            TopicPartition partition = new TopicPartition(topic, (int) (counter % partitions));
            String name = Payload.name(process, counter);
            HistoryRecorder.Invocation append = recorder.append(process, partition, name);
            var unused = producer.send(
                            ProducerRecord.of(topic, Payload.bytes(name)).toPartition(partition.partition()))
                    .whenComplete((metadata, failure) -> complete(append, metadata, failure));
            next += sendEveryNs;
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private void complete(
            HistoryRecorder.Invocation append, @Nullable RecordMetadata metadata, @Nullable Throwable failure) {
        if (metadata != null) {
            append.ok(metadata.offset(), -1);
            acknowledged.incrementAndGet();
            return;
        }
        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        errors.add(String.valueOf(cause));
        if (cause instanceof GqException refused && !refused.outcomeUnknown()) {
            append.failed();
        } else {
            append.unknown();
        }
    }

    /** Reads everything once, forward, through whatever happens. */
    private void consume(String reader, boolean followerReads) {
        try (GqClient client = GqClient.connect(cluster.bootstrap());
                Consumer consumer =
                        client.consumer().followerReads(followerReads).build()) {
            consumer.assign(partitions());
            while (!stopping) {
                for (ConsumedRecord record : consumer.poll(Duration.ofMillis(200))) {
                    String name = Payload.name(Objects.requireNonNull(record.value()));
                    recorder.read(new Read(reader, record.topicPartition(), record.offset(), name, false));
                    consumed.incrementAndGet();
                }
            }
        } catch (GqException e) {
            readErrors.add(reader + ": " + e);
        }
    }

    private List<TopicPartition> partitions() {
        return IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    /** Asks one broker after the other, whatever its role: every one must answer for the whole cluster, or not at all. */
    private void askForEnds() {
        long next = System.nanoTime();
        for (int i = 0; !stopping; i++) {
            BrokerProcess broker = cluster.brokers().get(i % cluster.brokers().size());
            TopicPartition partition = new TopicPartition(topic, i % partitions);
            try (RawClient client = new RawClient(broker.address())) {
                long before = recorder.now();
                ListedOffset answer = client.latest(topic, partition.partition(), ReadLevel.READ_LEVEL_LINEARIZABLE);
                if (!answer.hasError()) {
                    recorder.end("broker-" + broker.node(), partition, before, answer.getOffset());
                }
            } catch (StatusRuntimeException e) {
                // this broker is down or stands still: no answer is no wrong answer
            }
            next += ASK_EVERY_NS;
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    public Topics topics() {
        return topics;
    }

    public long acknowledged() {
        return acknowledged.get();
    }

    /** What went wrong for the producers so far. */
    public List<String> errors() {
        return List.copyOf(errors);
    }

    /** Waits until so many more records have been acknowledged. */
    public void awaitAcknowledged(int more) {
        long goal = acknowledged.get() + more;
        await(more + " more acknowledgements")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> acknowledged.get() >= goal);
    }

    /** Stops, waits for the dust to settle, reads everything, and judges. All brokers must run. */
    public HistoryReport judge(int acknowledgedMin) {
        stop();
        cluster.awaitReady();
        topics.awaitReplicasEqual(topic);
        new FinalRead(cluster, topic, partitions, recorder).run();
        return new HistoryChecker(HistoryConfig.strict().withAcknowledgedMin(acknowledgedMin))
                .check(recorder.history());
    }

    /** {@link #judge}, and nothing may be wrong. */
    public HistoryReport assertNothingLost(int acknowledgedMin) {
        HistoryReport report = judge(acknowledgedMin);
        System.out.println(topic + ": " + report.describe());
        assertThat(report.verdict())
                .as(() -> report.describe() + "\n  first errors of producers: "
                        + errors.stream().distinct().limit(5).toList())
                .isEqualTo(HistoryReport.Verdict.PASSED);
        assertThat(readErrors).as("consumers go on through everything").isEmpty();
        assertThat(consumed.get()).as("records consumed on the way").isPositive();
        return report;
    }

    /** What was recorded, to be added to and judged. */
    public HistoryRecorder recorder() {
        return recorder;
    }

    /** What ended consumers too early. */
    public List<String> readErrors() {
        return List.copyOf(readErrors);
    }

    /** Ends consumers, and producers as soon as each of their records is acknowledged or given up; a second time does nothing. */
    public void stop() {
        stopping = true;
        threads.forEach(thread -> {
            try {
                thread.join(DELIVERY_TIMEOUT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        producers.forEach(producer -> producer.close(DELIVERY_TIMEOUT));
    }

    @Override
    public void close() {
        stop();
        clients.forEach(GqClient::close);
    }
}
