package io.gq.bench.load;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Latencies from a microsecond to ten minutes, to three digits. Safe for use by many threads. */
final class LatencyHistogram {

    private static final long LOWEST = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long HIGHEST = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 3;

    private final ConcurrentHistogram nanos = new ConcurrentHistogram(LOWEST, HIGHEST, DIGITS);

    void record(long latencyNanos) {
        nanos.recordValue(Math.max(0, Math.min(HIGHEST, latencyNanos)));
    }

    static Percentiles merged(Collection<LatencyHistogram> all) {
        Histogram sum = new Histogram(LOWEST, HIGHEST, DIGITS);
        all.forEach(histogram -> sum.add(histogram.nanos));
        return Percentiles.ofNanos(sum);
    }
}
