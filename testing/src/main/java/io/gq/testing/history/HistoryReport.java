package io.gq.testing.history;

import io.gq.core.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The judgement.
 *
 * @param counts how many findings of each kind; kinds without any are absent
 * @param findings the first of them, with context
 * @param gaps the longest time without an acknowledgement, per partition
 * @param doubts why the run proves nothing although nothing is wrong; empty otherwise
 */
public record HistoryReport(
        Verdict verdict,
        long acknowledged,
        long failed,
        long unknown,
        long unknownButThere,
        Map<FindingKind, Long> counts,
        List<Finding> findings,
        Map<TopicPartition, AckGap> gaps,
        List<String> doubts) {

    /** Anything but PASSED must fail a test. */
    public enum Verdict {
        PASSED,
        FAILED,
        /** Too little was done, or the final read is missing or too short. */
        INCONCLUSIVE
    }

    /** @param afterNs the acknowledgement before the gap, on the history's clock */
    public record AckGap(Duration length, long afterNs) {}

    public HistoryReport {
        counts = Map.copyOf(counts);
        findings = List.copyOf(findings);
        gaps = Map.copyOf(gaps);
        doubts = List.copyOf(doubts);
    }

    public long count(FindingKind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    /** Acknowledged records that are gone, of all three kinds. */
    public long lost() {
        return count(FindingKind.LOST_PREFIX) + count(FindingKind.LOST_MIDDLE) + count(FindingKind.LOST_TAIL);
    }

    public Duration longestGap() {
        return gaps.values().stream()
                .map(AckGap::length)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /** Everything a person needs to begin looking, in a few dozen lines. */
    public String describe() {
        StringBuilder text = new StringBuilder()
                .append("verdict=")
                .append(verdict)
                .append(" acknowledged=")
                .append(acknowledged)
                .append(" failed=")
                .append(failed)
                .append(" unknown=")
                .append(unknown)
                .append(" unknownButThere=")
                .append(unknownButThere)
                .append(" longestGapMs=")
                .append(longestGap().toMillis())
                .append(" findings=")
                .append(counts);
        doubts.forEach(doubt -> text.append("\n  doubt: ").append(doubt));
        findings.forEach(finding -> text.append("\n  ").append(finding));
        return text.toString();
    }
}
