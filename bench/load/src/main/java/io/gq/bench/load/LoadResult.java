package io.gq.bench.load;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a workload measured, warm-up left out.
 *
 * @param seconds that were measured
 * @param records acknowledged, or read, in that time
 * @param bytes of their values
 * @param missing records acknowledged and not read within 10 s, where both was measured
 * @param publish from the intended send time to the acknowledgement, of the records meant to be sent in that time
 * @param endToEnd from the intended send time to the consumer, of the same records
 */
public record LoadResult(
        double seconds,
        long records,
        long bytes,
        long missing,
        Optional<Percentiles> publish,
        Optional<Percentiles> endToEnd) {

    public double recordsPerSecond() {
        return records / seconds;
    }

    /** Of 1,000,000 bytes. */
    public double megabytesPerSecond() {
        return bytes / 1e6 / seconds;
    }

    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("seconds", rounded(seconds));
        json.put("records", records);
        json.put("bytes", bytes);
        json.put("records_per_s", rounded(recordsPerSecond()));
        json.put("mb_per_s", rounded(megabytesPerSecond()));
        publish.ifPresent(latency -> json.put("publish_ms", latency.json()));
        endToEnd.ifPresent(latency -> {
            json.put("e2e_ms", latency.json());
            json.put("missing", missing);
        });
        return json;
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
