package io.gq.testing.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Final read against appends: what is gone, what nobody wrote, what is there twice. */
final class LossCheck {

    private LossCheck() {}

    static void run(PartitionEvidence evidence, FinalLog log, boolean duplicatesAllowed, Findings findings) {
        lost(evidence, log, findings);
        phantoms(evidence, log, findings);
        if (!duplicatesAllowed) {
            duplicates(evidence, log, findings);
        }
    }

    private static void lost(PartitionEvidence evidence, FinalLog log, Findings findings) {
        long firstThere = Long.MAX_VALUE;
        long lastThere = Long.MIN_VALUE;
        List<Append> gone = new ArrayList<>();
        for (Append append : evidence.acknowledged()) {
            if (append.offset() < log.dump().startOffset()) {
                continue; // retention took it
            }
            if (log.offsetOf(append.value()) == null) {
                gone.add(append);
            } else {
                firstThere = Math.min(firstThere, append.offset());
                lastThere = Math.max(lastThere, append.offset());
            }
        }
        for (Append append : gone) {
            FindingKind kind = append.offset() > lastThere
                    ? FindingKind.LOST_TAIL
                    : append.offset() < firstThere ? FindingKind.LOST_PREFIX : FindingKind.LOST_MIDDLE;
            findings.add(
                    kind,
                    evidence,
                    append.offset(),
                    "acknowledged and not in the final read [" + log.dump().startOffset() + ", "
                            + log.dump().endOffset() + "): " + append);
        }
    }

    private static void phantoms(PartitionEvidence evidence, FinalLog log, Findings findings) {
        for (int row = 0; row < log.size(); row++) {
            phantom(evidence, "final", log.offset(row), log.value(row), findings);
        }
        for (Read read : evidence.reads) {
            phantom(evidence, read.reader(), read.offset(), read.value(), findings);
        }
    }

    private static void phantom(
            PartitionEvidence evidence, String observer, long offset, String value, Findings findings) {
        Append append = evidence.appendsByValue.get(value);
        if (append == null) {
            findings.add(
                    FindingKind.PHANTOM, evidence, offset, observer + " saw '" + value + "', which nobody appended");
        } else if (append.result() == Append.Result.FAILED) {
            findings.add(FindingKind.PHANTOM, evidence, offset, observer + " saw a refused append: " + append);
        }
    }

    private static void duplicates(PartitionEvidence evidence, FinalLog log, Findings findings) {
        Map<String, Long> seen = new HashMap<>();
        for (int row = 0; row < log.size(); row++) {
            Long earlier = seen.putIfAbsent(log.value(row), log.offset(row));
            if (earlier != null) {
                findings.add(
                        FindingKind.DUPLICATE,
                        evidence,
                        log.offset(row),
                        "value " + log.value(row) + " lies at " + earlier + " and at " + log.offset(row));
            }
        }
    }
}
