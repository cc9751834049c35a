package io.gq.bench.load;

import io.gq.bench.load.Driver.RecordReceiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Reads what producers of the same process write, and takes the time each record has come. Begins at the end of the topic. */
final class ReaderLane implements Runnable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long NOT_KNOWN = Long.MAX_VALUE;

    private final LoadSession session;
    private final LongSupplier nanoTime;
    private final RecordReceiver receiver;
    private final LatencyHistogram latency = new LatencyHistogram();
    private volatile long wanted = NOT_KNOWN;
    private volatile long deadlineNanos;
    private volatile long received;

    ReaderLane(LoadSession session, LongSupplier nanoTime, RecordReceiver receiver) {
        this.session = session;
        this.nanoTime = nanoTime;
        this.receiver = receiver;
    }

    @Override
    public void run() {
        long[] count = {0};
        while (received < wanted && (wanted == NOT_KNOWN || deadlineNanos - nanoTime.getAsLong() > 0)) {
            receiver.poll(POLL, value -> {
                count[0]++;
                record(value);
            });
            received = count[0];
        }
    }

    private void record(ByteBuffer value) {
        long stamp = Payloads.stamp(value);
        if (session.measures(stamp)) {
            latency.record(nanoTime.getAsLong() - stamp);
        }
    }

    /** Nothing more is written: ends when so many were read, or no more come. */
    void finish(long records) {
        deadlineNanos = nanoTime.getAsLong() + PATIENCE_NANOS;
        wanted = records;
    }

    long missing() {
        return Math.max(0, wanted - received);
    }

    LatencyHistogram latency() {
        return latency;
    }
}
