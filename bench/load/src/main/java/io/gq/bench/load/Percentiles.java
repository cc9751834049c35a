package io.gq.bench.load;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;

/** A latency distribution, in milliseconds. */
public record Percentiles(long count, double p50, double p99, double p999, double max) {

    private static final double NANOS_PER_MS = 1e6;

    /** Of a histogram of nanoseconds; its resolution is that of the histogram. */
    static Percentiles ofNanos(AbstractHistogram nanos) {
        return new Percentiles(
                nanos.getTotalCount(),
                at(nanos, 50),
                at(nanos, 99),
                at(nanos, 99.9),
                nanos.getMaxValue() / NANOS_PER_MS);
    }

    private static double at(AbstractHistogram nanos, double percentile) {
        return nanos.getTotalCount() == 0 ? 0 : nanos.getValueAtPercentile(percentile) / NANOS_PER_MS;
    }

    /** For JSON: milliseconds, to the microsecond. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("count", count);
        json.put("p50", rounded(p50));
        json.put("p99", rounded(p99));
        json.put("p999", rounded(p999));
        json.put("max", rounded(max));
        return json;
    }

    private static double rounded(double ms) {
        return Math.round(ms * 1000) / 1000.0;
    }
}
