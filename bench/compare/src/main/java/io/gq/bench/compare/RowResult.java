package io.gq.bench.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A row, measured.
 *
 * @param pairs one run of each product, one after the other
 * @param reason why there are no pairs, or fewer than wanted
 */
record RowResult(Row row, List<Pair> pairs, Optional<String> reason) {

    RowResult {
        pairs = List.copyOf(pairs);
    }

    /** @param ratio more is better for gq */
    record Pair(double gq, double peer, double ratio) {

        static Pair of(Row row, double gq, double peer) {
            return new Pair(gq, peer, row.lowerIsBetter() ? peer / gq : gq / peer);
        }
    }

    OptionalDouble gq() {
        return median(pairs.stream().map(Pair::gq).toList());
    }

    OptionalDouble peer() {
        return median(pairs.stream().map(Pair::peer).toList());
    }

    /** The median of the ratios pair by pair, not the ratio of the medians: what disturbed one pair disturbed both of its runs. */
    OptionalDouble ratio() {
        return median(pairs.stream().map(Pair::ratio).toList());
    }

    /** Empty where nothing was measured. */
    Optional<Boolean> met() {
        if (pairs.isEmpty()) {
            return Optional.empty();
        }
        boolean ratioMet =
                row.target().isEmpty() || ratio().orElseThrow() >= row.target().getAsDouble();
        boolean limitMet =
                row.limit().isEmpty() || gq().orElseThrow() <= row.limit().getAsDouble();
        return Optional.of(ratioMet && limitMet);
    }

    /** The middle value, or the mean of the two in the middle. */
    static OptionalDouble median(List<Double> values) {
        if (values.isEmpty()) {
            return OptionalDouble.empty();
        }
        List<Double> sorted = new ArrayList<>(values);
        sorted.sort(null);
        int middle = sorted.size() / 2;
        return OptionalDouble.of(
                sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2);
    }

    Map<String, Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("work", row.work());
        json.put("gq", rounded(gq()));
        json.put("peer", rounded(peer()));
        json.put("ratio", rounded(ratio()));
        json.put("target", rounded(row.target()));
        json.put("unit", row.unit());
        json.put("pairs", pairs.stream().map(RowResult::json).toList());
        json.put("limit", rounded(row.limit()));
        json.put("met", met().orElse(null));
        json.put("reason", reason.orElse(null));
        return json;
    }

    private static Map<String, Object> json(Pair pair) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("gq", rounded(pair.gq));
        json.put("peer", rounded(pair.peer));
        json.put("ratio", rounded(pair.ratio));
        return json;
    }

    private static @Nullable Double rounded(OptionalDouble value) {
        return value.isPresent() ? rounded(value.getAsDouble()) : null;
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
