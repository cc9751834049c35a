package io.gq.testing.history;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts findings and keeps the first of them with what lies around them. */
final class Findings {

    private static final int CONTEXT_OFFSETS = 5;

    private final int kept;
    private final Map<FindingKind, Long> counts = new EnumMap<>(FindingKind.class);
    private final List<Finding> findings = new ArrayList<>();

    Findings(int kept) {
        this.kept = kept;
    }

    void add(FindingKind kind, PartitionEvidence evidence, long offset, String message) {
        counts.merge(kind, 1L, Long::sum);
        if (findings.size() < kept) {
            findings.add(new Finding(kind, evidence.partition, offset, message, context(evidence, offset)));
        }
    }

    Map<FindingKind, Long> counts() {
        return counts;
    }

    List<Finding> findings() {
        return findings;
    }

    private static List<String> context(PartitionEvidence evidence, long offset) {
        List<String> lines = new ArrayList<>();
        long from = offset - CONTEXT_OFFSETS;
        long to = offset + CONTEXT_OFFSETS;
        FinalLog log = evidence.finalLog;
        if (log != null) {
            for (int row = log.rowAtOrAfter(from); row < log.size() && log.offset(row) <= to; row++) {
                lines.add("final offset=" + log.offset(row) + " value=" + log.value(row));
            }
        }
        evidence.appends.stream()
                .filter(a -> a.result() == Append.Result.OK && a.offset() >= from && a.offset() <= to)
                .map(Append::toString)
                .forEach(lines::add);
        evidence.reads.stream()
                .filter(r -> r.offset() >= from && r.offset() <= to)
                .limit(2 * CONTEXT_OFFSETS)
                .map(Read::toString)
                .forEach(lines::add);
        return lines;
    }
}
