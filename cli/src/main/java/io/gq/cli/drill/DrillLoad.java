package io.gq.cli.drill;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * One idempotent producer that sends to all partitions in turn at a fixed rate, whatever happens: the next record is due at its time,
 * not after the answer to the one before.
 */
final class DrillLoad implements AutoCloseable {

    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(60);
    private static final String PADDING = " " + "x".repeat(100);

    private final long intervalNs;
    private final DrillJournal journal;
    private final AckTimeline timeline;
    private final DrillTarget.Sender sender;
    private final Thread thread;
    private volatile boolean stopping;

    DrillLoad(DrillTarget target, String topic, int ratePerSecond, DrillJournal journal, AckTimeline timeline) {
        this.intervalNs = Duration.ofSeconds(1).toNanos() / ratePerSecond;
        this.journal = journal;
        this.timeline = timeline;
        this.sender = target.sender(topic, DELIVERY_TIMEOUT);
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
            sender.send(partition, encode(value), new Told(partition, value));
            due += intervalNs;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private final class Told implements DrillTarget.Answer {
        private final int partition;
        private final long value;

        Told(int partition, long value) {
            this.partition = partition;
            this.value = value;
        }

        @Override
        public void acknowledged(long offset) {
            timeline.acknowledged(partition, value, System.nanoTime());
            journal.acknowledged(partition, value, offset);
        }

        @Override
        public void refused() {
            journal.refused();
        }

        @Override
        public void unknown() {
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
        sender.close();
    }
}
