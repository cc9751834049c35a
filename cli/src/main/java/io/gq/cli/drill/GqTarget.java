package io.gq.cli.drill;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.admin.Admin;
import io.gq.client.admin.NewTopic;
import io.gq.client.admin.PartitionDescription;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A cluster of gq that {@code start-cluster.sh} started. */
public final class GqTarget implements DrillTarget {

    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CREATE_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration START_TIMEOUT = Duration.ofMinutes(6);

    private final Supplier<GqClient> clients;
    private final BrokerPids pids;
    private final List<String> startCommand;
    private final GqClient client;
    private final Admin admin;

    /**
     * @param dir of the cluster, with the numbers of its processes
     * @param startCommand starts the brokers that do not run and returns when all are healthy
     */
    public GqTarget(Supplier<GqClient> clients, Path dir, List<String> startCommand) {
        this.clients = clients;
        this.pids = new BrokerPids(dir);
        this.startCommand = List.copyOf(startCommand);
        this.client = clients.get();
        this.admin = client.admin();
    }

    @Override
    public int brokers() {
        return admin.describeCluster().brokers().size();
    }

    @Override
    public void createTopic(String topic, int partitions, int replicas) {
        admin.within(CREATE_TIMEOUT).createTopic(NewTopic.of(topic, partitions, replicas));
    }

    @Override
    public void deleteTopic(String topic) {
        admin.deleteTopic(topic);
    }

    @Override
    public boolean healthy() {
        try {
            return admin.within(HEALTH_TIMEOUT).describeCluster().healthy();
        } catch (GqException e) {
            return false; // nobody answered this time
        }
    }

    @Override
    public Map<Integer, Integer> leaders(String topic) {
        return admin.describeTopic(topic).topic().partitions().stream()
                .collect(Collectors.toMap(PartitionDescription::partition, PartitionDescription::leader));
    }

    @Override
    public Optional<ProcessHandle> process(int node) {
        return pids.running(node);
    }

    @Override
    public void startBrokers() throws DrillFailure {
        try {
            Process start = new ProcessBuilder(startCommand)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (!start.waitFor(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS) || start.exitValue() != 0) {
                start.destroyForcibly();
                throw new DrillFailure(startCommand + ": failed (expected: all brokers healthy)");
            }
        } catch (IOException e) {
            throw new DrillFailure(startCommand + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DrillFailure("interrupted");
        }
    }

    @Override
    public Sender sender(String topic, Duration deliveryTimeout) {
        Producer producer = client.producer().deliveryTimeout(deliveryTimeout).build();
        return new Sender() {
            @Override
            public void send(int partition, byte[] value, Answer answer) {
                var unused = producer.send(ProducerRecord.of(topic, value).toPartition(partition))
                        .whenComplete((metadata, failure) -> {
                            if (metadata != null) {
                                answer.acknowledged(metadata.offset());
                            } else {
                                failed(failure, answer);
                            }
                        });
            }

            @Override
            public void close() {
                producer.close(deliveryTimeout);
            }
        };
    }

    private static void failed(@Nullable Throwable failure, Answer answer) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof GqException refused && !refused.outcomeUnknown()) {
            answer.refused();
        } else {
            answer.unknown();
        }
    }

    @Override
    public void readAll(String topic, Sink sink) throws DrillFailure {
        FullRead.of(clients, topic, sink);
    }

    @Override
    public void close() {
        client.close();
    }
}
