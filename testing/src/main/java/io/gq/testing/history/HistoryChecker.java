package io.gq.testing.history;

import io.gq.core.TopicPartition;
import io.gq.testing.history.HistoryReport.AckGap;
import io.gq.testing.history.HistoryReport.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges a history by its final full read: every acknowledged record is there, once, in its producer's order and in the order of
 * time; nothing else is there; every observer saw the same log. Appends of unknown outcome may be there or not. Costs a sort.
 */
public final class HistoryChecker {

    private final HistoryConfig config;

    public HistoryChecker(HistoryConfig config) {
        this.config = config;
    }

    /** @throws IllegalArgumentException where two appends have one value, or a partition has two final reads */
    public HistoryReport check(History history) {
        Findings findings = new Findings(config.findingsKept());
        List<String> doubts = new ArrayList<>();
        Map<TopicPartition, AckGap> gaps = new TreeMap<>();
        long unknownButThere = 0;
        for (PartitionEvidence evidence : PartitionEvidence.sort(history).values()) {
            OrderCheck.run(evidence, findings);
            if (!evidence.appends.isEmpty()) {
                gaps.put(evidence.partition, AckGaps.longest(evidence.appends));
            }
            FinalLog log = evidence.finalLog;
            if (log == null) {
                doubts.add("no final read of " + evidence.partition);
                continue;
            }
            OrderCheck.runUnknown(evidence, log, findings);
            LossCheck.run(evidence, log, config.duplicatesAllowed(), findings);
            DivergenceCheck.run(evidence, log, findings);
            ReadCheck.run(evidence, log, findings);
            unknownButThere += evidence.appends.stream()
                    .filter(a -> a.result() == Append.Result.UNKNOWN && log.offsetOf(a.value()) != null)
                    .count();
        }
        long acknowledged = count(history, Append.Result.OK);
        if (acknowledged < config.acknowledgedMin()) {
            doubts.add("acknowledged: " + acknowledged + " (expected: >= " + config.acknowledgedMin() + ")");
        }
        Verdict verdict = !findings.counts().isEmpty()
                ? Verdict.FAILED
                : doubts.isEmpty() ? Verdict.PASSED : Verdict.INCONCLUSIVE;
        return new HistoryReport(
                verdict,
                acknowledged,
                count(history, Append.Result.FAILED),
                count(history, Append.Result.UNKNOWN),
                unknownButThere,
                findings.counts(),
                findings.findings(),
                gaps,
                doubts);
    }

    private static long count(History history, Append.Result result) {
        return history.appends().stream().filter(a -> a.result() == result).count();
    }
}
