package io.gq.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gq.testing.history.FindingKind;
import io.gq.testing.history.HistoryReport;
import io.gq.testing.history.HistoryReport.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run found.
 *
 * @param asked the kinds of fault that were to be injected
 * @param underFault how long at least one fault held
 * @param history the judgement; null where the run ended before there was one
 * @param outages the longest of each partition, the longest first
 * @param troubles what did not go as it should: brokers that did not come back by themselves, reads that failed
 */
record ChaosReport(
        long seed,
        String network,
        List<FaultKind> asked,
        List<Injection> injections,
        Duration underFault,
        @Nullable HistoryReport history,
        List<Outage> outages,
        List<String> troubles) {

    private static final ObjectMapper JSON = new ObjectMapper();

    ChaosReport {
        asked = List.copyOf(asked);
        injections = List.copyOf(injections);
        outages = List.copyOf(outages);
        troubles = List.copyOf(troubles);
    }

    /** Nothing wrong in the history is not enough: every replica has to have come back and been read. */
    Verdict verdict() {
        if (history == null) {
            return Verdict.INCONCLUSIVE;
        }
        if (history.verdict() != Verdict.PASSED) {
            return history.verdict();
        }
        return troubles.isEmpty() && !injected().isEmpty() ? Verdict.PASSED : Verdict.INCONCLUSIVE;
    }

    /** Kinds that were injected at least once. */
    List<FaultKind> injected() {
        return asked.stream().filter(kind -> count(kind) > 0).toList();
    }

    /** Kinds that were never injected, and why. */
    Map<String, String> notRun() {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (FaultKind kind : asked) {
            if (count(kind) == 0) {
                reasons.put(
                        kind.label(),
                        injections.stream()
                                .filter(i -> i.kind() == kind)
                                .map(Injection::detail)
                                .findFirst()
                                .orElse("its turn did not come"));
            }
        }
        return reasons;
    }

    long count(FaultKind kind) {
        return injections.stream().filter(i -> i.kind() == kind && i.injected()).count();
    }

    long ok() {
        return history == null ? 0 : history.acknowledged();
    }

    long failed() {
        return history == null ? 0 : history.failed();
    }

    long unknown() {
        return history == null ? 0 : history.unknown();
    }

    long lost() {
        return history == null ? 0 : history.lost();
    }

    long duplicated() {
        return counts(FindingKind.DUPLICATE);
    }

    long reordered() {
        return counts(
                FindingKind.PRODUCER_ORDER, FindingKind.READ_ORDER, FindingKind.READ_SKIP, FindingKind.REAL_TIME_ORDER);
    }

    long divergent() {
        return counts(FindingKind.DIVERGENCE, FindingKind.PHANTOM, FindingKind.UNCOMMITTED_READ);
    }

    long stale() {
        return counts(FindingKind.STALE_READ);
    }

    long longestGapMs() {
        return history == null ? 0 : history.longestGap().toMillis();
    }

    private long counts(FindingKind... kinds) {
        long sum = 0;
        for (FindingKind kind : kinds) {
            sum += history == null ? 0 : history.count(kind);
        }
        return sum;
    }

    /** One line of JSON. */
    String line() {
        return write(summary());
    }

    /** Everything, of one cell of a matrix. */
    String json(String cell) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("cell", cell);
        all.putAll(summary());
        all.put("network", network);
        all.put("under_fault_ms", underFault.toMillis());
        List<Map<String, Object>> steps = new ArrayList<>();
        for (Injection injection : injections) {
            Map<String, Object> step = new LinkedHashMap<>();
            step.put("fault", injection.kind().label());
            step.put("injected", injection.injected());
            step.put("at_ms", injection.at().toMillis());
            step.put("held_ms", injection.held().toMillis());
            step.put("detail", injection.detail());
            steps.add(step);
        }
        all.put("injections", steps);
        all.put("outages", outages.stream().map(ChaosReport::json).toList());
        all.put("troubles", troubles);
        all.put("doubts", history == null ? List.of("no final read") : history.doubts());
        all.put(
                "findings",
                history == null
                        ? List.of()
                        : history.findings().stream().map(Object::toString).toList());
        return write(all);
    }

    private static Map<String, Object> json(Outage outage) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("partition", outage.partition().toString());
        one.put("at_ms", outage.at().toMillis());
        one.put("ms", outage.length().toMillis());
        return one;
    }

    private Map<String, Object> summary() {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("seed", seed);
        line.put("faults", injected().stream().map(FaultKind::label).toList());
        line.put("ok", ok());
        line.put("failed", failed());
        line.put("unknown", unknown());
        line.put("lost", lost());
        line.put("duplicated", duplicated());
        line.put("reordered", reordered());
        line.put("divergent", divergent());
        line.put("longest_gap_ms", longestGapMs());
        line.put("stale", stale());
        line.put("injected", injections.stream().filter(Injection::injected).count());
        line.put("not_run", notRun());
        line.put("verdict", verdict().name());
        return line;
    }

    private static String write(Map<String, Object> value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
