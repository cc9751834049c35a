package io.gq.bench.load;

import io.gq.bench.load.Driver.RecordReceiver;
import io.gq.bench.load.Driver.RecordSender;
import io.gq.bench.load.LoadSession.Counted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Runs workloads. Each call returns when its run is over and everything sent is answered. */
public final class Load {

    private static final LongSupplier NANO_TIME = System::nanoTime;
    private static final Duration POLL = Duration.ofMillis(100);

    private Load() {}

    /**
     * Writes.
     *
     * @throws LoadFailure where any record failed
     */
    public static LoadResult produce(Driver driver, LoadSpec spec, LoadWatcher watcher) {
        List<RecordSender> senders = senders(driver, spec);
        try {
            LoadSession session = new LoadSession(NANO_TIME, spec.warmUp(), spec.time(), watcher);
            List<ProducerLane> lanes = lanes(session, spec, senders, false);
            Counted counted = session.run(lanes);
            return result(counted, 0, Optional.of(latency(lanes)), Optional.empty());
        } finally {
            senders.forEach(RecordSender::close);
        }
    }

    /**
     * Writes, and reads the same records with one consumer.
     *
     * @throws LoadFailure where any record failed
     */
    public static LoadResult endToEnd(Driver driver, LoadSpec spec, LoadWatcher watcher) {
        List<RecordSender> senders = senders(driver, spec);
        try (RecordReceiver receiver = driver.receiver(spec.topic())) {
            receiver.seekToEnd();
            LoadSession session = new LoadSession(NANO_TIME, spec.warmUp(), spec.time(), watcher);
            List<ProducerLane> lanes = lanes(session, spec, senders, true);
            ReaderLane reader = new ReaderLane(session, NANO_TIME, receiver);
            Thread reading = session.start(reader);
            Counted counted;
            try {
                counted = session.run(lanes);
            } finally {
                reader.finish(session.recordsCounted());
                join(reading);
            }
            session.check();
            return result(
                    counted,
                    reader.missing(),
                    Optional.of(latency(lanes)),
                    Optional.of(LatencyHistogram.merged(List.of(reader.latency()))));
        } finally {
            senders.forEach(RecordSender::close);
        }
    }

    /**
     * Reads the topic with one consumer, from its first record to its last and over again. Only topic and times of the spec count.
     *
     * @throws LoadFailure where it could not be read
     */
    public static LoadResult consume(Driver driver, LoadSpec spec, LoadWatcher watcher) {
        try (RecordReceiver receiver = driver.receiver(spec.topic())) {
            long available = receiver.available();
            if (available == 0) {
                throw new IllegalArgumentException("topic: " + spec.topic() + " is empty (expected: records to read)");
            }
            LoadSession session = new LoadSession(NANO_TIME, spec.warmUp(), spec.time(), watcher);
            Counted counted = session.run(List.of(() -> readOver(receiver, available, session)));
            return result(counted, 0, Optional.empty(), Optional.empty());
        }
    }

    /** Writes so many bytes of values, as fast as they are taken; what a spec says of times and rate does not count. */
    public static void fill(Driver driver, LoadSpec spec, long bytes) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        try (RecordSender sender = driver.sender(spec.topic(), spec.options())) {
            long sent = 0;
            for (long n = 0; sent < bytes && failure.get() == null; n++) {
                byte[] value = spec.payloads().at(n);
                sender.send(value, cause -> failure.compareAndSet(null, cause));
                sent += value.length;
            }
            sender.flush();
        }
        Throwable cause = failure.get();
        if (cause != null) {
            throw new LoadFailure("the topic could not be filled: " + cause.getMessage(), cause);
        }
    }

    private static void readOver(RecordReceiver receiver, long available, LoadSession session) {
        long[] read = {0};
        while (session.runsAt(NANO_TIME.getAsLong())) {
            receiver.poll(POLL, value -> {
                session.count(value.remaining());
                read[0]++;
            });
            if (read[0] >= available) {
                read[0] = 0;
                receiver.seekToStart();
            }
        }
    }

    private static List<RecordSender> senders(Driver driver, LoadSpec spec) {
        List<RecordSender> senders = new ArrayList<>();
        for (int i = 0; i < spec.producers(); i++) {
            senders.add(driver.sender(spec.topic(), spec.options()));
        }
        return senders;
    }

    private static List<ProducerLane> lanes(
            LoadSession session, LoadSpec spec, List<RecordSender> senders, boolean stamped) {
        List<ProducerLane> lanes = new ArrayList<>();
        for (int i = 0; i < senders.size(); i++) {
            lanes.add(new ProducerLane(session, NANO_TIME, spec, i, senders.get(i), stamped));
        }
        return lanes;
    }

    private static Percentiles latency(List<ProducerLane> lanes) {
        return LatencyHistogram.merged(lanes.stream().map(ProducerLane::latency).toList());
    }

    private static LoadResult result(
            Counted counted, long missing, Optional<Percentiles> publish, Optional<Percentiles> endToEnd) {
        return new LoadResult(counted.seconds(), counted.records(), counted.bytes(), missing, publish, endToEnd);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
