package io.gq.cli.drill;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.client.producer.RecordMetadata;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One idempotent producer that sends to all partitions in turn at a fixed rate, whatever happens: the next record is due at its time,
 * not after the answer to the one before.
 */
final class DrillLoad implements AutoCloseable {

    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(60);
    private static final String PADDING = " " + "x".repeat(100);

    private final String topic;
    private final long intervalNs;
    private final DrillJournal journal;
    private final AckTimeline timeline;
    private final Producer producer;
    private final Thread thread;
    private volatile boolean stopping;

    DrillLoad(GqClient client, String topic, int ratePerSecond, DrillJournal journal, AckTimeline timeline) {
        this.topic = topic;
        this.intervalNs = Duration.ofSeconds(1).toNanos() / ratePerSecond;
        this.journal = journal;
        this.timeline = timeline;
        this.producer = client.producer().deliveryTimeout(DELIVERY_TIMEOUT).build();
        this.thread = new Thread(this::run, "drill-load");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        long due = System.nanoTime();
        while (!stopping) {
            long value = journal.next();
            int partition = (int) (value % journal.partitions());
            var unused = producer.send(ProducerRecord.of(topic, encode(value)).toPartition(partition))
                    .whenComplete((metadata, failure) -> complete(partition, value, metadata, failure));
            due += intervalNs;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private void complete(int partition, long value, @Nullable RecordMetadata metadata, @Nullable Throwable failure) {
        if (metadata != null) {
            timeline.acknowledged(partition, System.nanoTime());
            journal.acknowledged(partition, value, metadata.offset());
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof GqException refused && !refused.outcomeUnknown()) {
            journal.refused();
        } else {
            journal.unknown();
        }
    }

    private static byte[] encode(long value) {
        return (value + PADDING).getBytes(StandardCharsets.UTF_8);
    }

    /** The value that {@link #encode} made of a number; -1 where it is none of ours. */
    static long decode(String text) {
        if (!text.endsWith(PADDING)) {
            return -1;
        }
        try {
            return Long.parseLong(text.substring(0, text.length() - PADDING.length()));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Stops sending and waits until every record sent is acknowledged or failed. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(DELIVERY_TIMEOUT);
    }
}
