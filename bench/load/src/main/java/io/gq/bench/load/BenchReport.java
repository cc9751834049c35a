package io.gq.bench.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;

/** What a run measured, for people and for programs. */
public final class BenchReport {

    private static final ObjectMapper JSON = new ObjectMapper();

    private BenchReport() {}

    /** Maps, lists, text and numbers, on one line. */
    public static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static String text(String work, LoadResult result) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s: %d records in %.1f s, %.0f records/s, %.1f MB/s%n",
                work,
                result.records(),
                result.seconds(),
                result.recordsPerSecond(),
                result.megabytesPerSecond()));
        if (result.publish().isPresent() || result.endToEnd().isPresent()) {
            text.append(String.format("%-12s %9s %9s %9s %9s%n", "latency, ms", "p50", "p99", "p99.9", "max"));
        }
        result.publish().ifPresent(latency -> text.append(row("publish", latency)));
        result.endToEnd().ifPresent(latency -> text.append(row("end to end", latency)));
        if (result.missing() > 0) {
            text.append(result.missing()).append(" acknowledged records were not read within 10 s\n");
        }
        return text.toString();
    }

    private static String row(String name, Percentiles latency) {
        return String.format(
                Locale.ROOT,
                "%-12s %9.2f %9.2f %9.2f %9.2f%n",
                name,
                latency.p50(),
                latency.p99(),
                latency.p999(),
                latency.max());
    }
}
