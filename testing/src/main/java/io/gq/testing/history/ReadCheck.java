package io.gq.testing.history;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What readers saw: forward, without holes, nothing that vanished, and no answer older than what was known. */
final class ReadCheck {

    private ReadCheck() {}

    static void run(PartitionEvidence evidence, FinalLog log, Findings findings) {
        forward(evidence, log, findings);
        vanished(evidence, log, findings);
        dumpOrder(evidence, log.dump(), findings);
        evidence.replicas.forEach(replica -> dumpOrder(evidence, replica, findings));
        ends(evidence, findings);
    }

    private static void forward(PartitionEvidence evidence, FinalLog log, Findings findings) {
        Map<String, Read> last = new HashMap<>();
        for (Read read : evidence.reads) {
            Read earlier = last.put(read.reader(), read);
            if (earlier == null || read.afterSeek()) {
                continue;
            }
            if (read.offset() <= earlier.offset()) {
                findings.add(FindingKind.READ_ORDER, evidence, read.offset(), read + " came after " + earlier);
                continue;
            }
            int between = log.rowAtOrAfter(earlier.offset() + 1);
            if (between < log.size() && log.offset(between) < read.offset()) {
                findings.add(
                        FindingKind.READ_SKIP,
                        evidence,
                        log.offset(between),
                        read.reader() + " went from " + earlier.offset() + " to " + read.offset() + " past '"
                                + log.value(between) + "'");
            }
        }
    }

    private static void vanished(PartitionEvidence evidence, FinalLog log, Findings findings) {
        for (Read read : evidence.reads) {
            if (read.offset() >= log.dump().startOffset() && log.offsetOf(read.value()) == null) {
                findings.add(FindingKind.UNCOMMITTED_READ, evidence, read.offset(), "not in the final read: " + read);
            }
        }
    }

    private static void dumpOrder(PartitionEvidence evidence, LogDump dump, Findings findings) {
        long last = -1;
        for (LogDump.Row row : dump.rows()) {
            if (row.offset() <= last) {
                findings.add(
                        FindingKind.READ_ORDER,
                        evidence,
                        row.offset(),
                        dump.source() + " gave offset " + row.offset() + " after " + last);
            }
            last = row.offset();
        }
    }

    private static void ends(PartitionEvidence evidence, Findings findings) {
        AcknowledgedMax acknowledged = new AcknowledgedMax(evidence.acknowledged());
        List<EndRead> byCompletion = evidence.ends.stream()
                .sorted(Comparator.comparingLong(EndRead::completeNs))
                .toList();
        List<EndRead> byInvocation = evidence.ends.stream()
                .sorted(Comparator.comparingLong(EndRead::invokeNs))
                .toList();
        int next = 0;
        long answered = 0;
        for (EndRead end : byInvocation) {
            while (byCompletion.get(next).completeNs() < end.invokeNs()) {
                answered = Math.max(answered, byCompletion.get(next).endOffset());
                next++;
            }
            long expected = Math.max(answered, acknowledged.at(end.invokeNs()) + 1);
            if (end.endOffset() < expected) {
                findings.add(
                        FindingKind.STALE_READ,
                        evidence,
                        end.endOffset(),
                        end + " (expected: endOffset >= " + expected + ", known before it began)");
            }
        }
    }
}
