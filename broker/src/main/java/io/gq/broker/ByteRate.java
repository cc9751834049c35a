package io.gq.broker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/** Bytes a second of a counter that only grows, over the last samples: zero as soon as it has stood still for so long. */
final class ByteRate {

    private static final int SAMPLES = 10;

    private final LongSupplier counter;
    private final LongSupplier nanoTime;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private volatile long bytesPerS;

    private record Sample(long bytes, long nanos) {}

    ByteRate(LongSupplier counter, LongSupplier nanoTime) {
        this.counter = counter;
        this.nanoTime = nanoTime;
        samples.add(new Sample(counter.getAsLong(), nanoTime.getAsLong()));
    }

    /** To be called at even intervals. */
    synchronized void sample() {
        Sample now = new Sample(counter.getAsLong(), nanoTime.getAsLong());
        Sample first = samples.getFirst();
        double seconds = (now.nanos() - first.nanos()) / 1e9;
        bytesPerS = seconds <= 0 ? 0 : Math.round((now.bytes() - first.bytes()) / seconds);
        samples.add(now);
        if (samples.size() > SAMPLES) {
            samples.removeFirst();
        }
    }

    long bytesPerS() {
        return bytesPerS;
    }
}
