package io.gq.testing.history;

import java.util.HashMap;
import java.util.Map;

/** Every observer of an offset must have seen the same value there, and every replica must hold what the final read found. */
final class DivergenceCheck {

    private record Seen(String value, String observer) {}

    private final PartitionEvidence evidence;
    private final Findings findings;
    private final Map<Long, Seen> seen = new HashMap<>();

    private DivergenceCheck(PartitionEvidence evidence, Findings findings) {
        this.evidence = evidence;
        this.findings = findings;
    }

    static void run(PartitionEvidence evidence, FinalLog log, Findings findings) {
        DivergenceCheck check = new DivergenceCheck(evidence, findings);
        for (int row = 0; row < log.size(); row++) {
            check.observe("final", log.offset(row), log.value(row));
        }
        for (Append append : evidence.acknowledged()) {
            check.observe("the acknowledgement", append.offset(), append.value());
            check.elsewhere("the acknowledgement", append.offset(), append.value(), log);
        }
        for (Read read : evidence.reads) {
            check.observe(read.reader(), read.offset(), read.value());
            check.elsewhere(read.reader(), read.offset(), read.value(), log);
        }
        evidence.replicas.forEach(replica -> check.replica(replica, log));
    }

    private void observe(String observer, long offset, String value) {
        Seen other = seen.putIfAbsent(offset, new Seen(value, observer));
        if (other != null && !other.value().equals(value)) {
            findings.add(
                    FindingKind.DIVERGENCE,
                    evidence,
                    offset,
                    other.observer() + " says '" + other.value() + "', " + observer + " says '" + value + "'");
        }
    }

    /** A value said to lie where the final read found nothing, although it is in the log. */
    private void elsewhere(String observer, long offset, String value, FinalLog log) {
        Long found = log.offsetOf(value);
        if (found != null && log.valueAt(offset) == null && offset >= log.dump().startOffset()) {
            findings.add(
                    FindingKind.DIVERGENCE,
                    evidence,
                    offset,
                    observer + " says '" + value + "', which lies at " + found);
        }
    }

    private void replica(LogDump replica, FinalLog log) {
        Map<Long, String> held = new HashMap<>();
        for (LogDump.Row row : replica.rows()) {
            held.put(row.offset(), row.value());
            observe(replica.source(), row.offset(), row.value());
            if (log.valueAt(row.offset()) == null && row.offset() >= log.dump().startOffset()) {
                findings.add(
                        FindingKind.DIVERGENCE,
                        evidence,
                        row.offset(),
                        replica.source() + " holds '" + row.value() + "', the final read does not");
            }
        }
        long from = Math.max(replica.startOffset(), log.dump().startOffset());
        for (int row = log.rowAtOrAfter(from); row < log.size(); row++) {
            if (!held.containsKey(log.offset(row))) {
                findings.add(
                        FindingKind.DIVERGENCE,
                        evidence,
                        log.offset(row),
                        replica.source() + " lacks '" + log.value(row) + "'");
            }
        }
    }
}
