package io.gq.testing.history;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Offsets against time. With offsets in the acknowledgements this is an exact test that appends are linearizable: no search is
 * needed, only the highest offset acknowledged before each append began.
 */
final class OrderCheck {

    private OrderCheck() {}

    static void run(PartitionEvidence evidence, Findings findings) {
        List<Append> acknowledged = evidence.acknowledged();
        byProducer(evidence, acknowledged, findings);
        byTime(evidence, acknowledged, findings);
    }

    /**
     * An append of unknown outcome that is there: wherever it took its place, it was not before what had been acknowledged when it began.
     * Its producer's order is not held against it.
     */
    static void runUnknown(PartitionEvidence evidence, FinalLog log, Findings findings) {
        AcknowledgedMax before = new AcknowledgedMax(evidence.acknowledged());
        evidence.appends.stream()
                .filter(a -> a.result() == Append.Result.UNKNOWN)
                .sorted(Comparator.comparingLong(Append::invokeNs))
                .forEach(append -> {
                    long max = before.at(append.invokeNs());
                    Long offset = log.offsetOf(append.value());
                    if (offset != null && offset <= max) {
                        findings.add(
                                FindingKind.REAL_TIME_ORDER,
                                evidence,
                                offset,
                                append + " lies at " + offset + ", and began after offset " + max
                                        + " had been acknowledged (expected: an offset above)");
                    }
                });
    }

    private static void byProducer(PartitionEvidence evidence, List<Append> acknowledged, Findings findings) {
        Map<Integer, Append> last = new HashMap<>();
        acknowledged.stream()
                .sorted(Comparator.comparingInt(Append::process).thenComparingLong(Append::sequence))
                .forEach(append -> {
                    Append earlier = last.put(append.process(), append);
                    if (earlier != null && append.offset() <= earlier.offset()) {
                        findings.add(
                                FindingKind.PRODUCER_ORDER,
                                evidence,
                                append.offset(),
                                append + " lies at or before " + earlier);
                    }
                });
    }

    private static void byTime(PartitionEvidence evidence, List<Append> acknowledged, Findings findings) {
        AcknowledgedMax before = new AcknowledgedMax(acknowledged);
        acknowledged.stream().sorted(Comparator.comparingLong(Append::invokeNs)).forEach(append -> {
            long max = before.at(append.invokeNs());
            if (append.offset() <= max) {
                findings.add(
                        FindingKind.REAL_TIME_ORDER,
                        evidence,
                        append.offset(),
                        append + " began after offset " + max + " had been acknowledged (expected: an offset above)");
            }
        });
    }
}
