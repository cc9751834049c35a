package io.gq.cli.drill;

import io.gq.cli.drill.DrillJournal.Acked;
import io.gq.cli.drill.DrillVerdict.Row;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Judges a journal by a full read, for each trial and for all of it, and says so. */
public final class DrillReport {

    private final Fault fault;
    private final List<TrialResult> trials;
    private final DrillJournal journal;
    private final Map<Integer, List<Row>> rows;

    DrillReport(Fault fault, List<TrialResult> trials, DrillJournal journal, Map<Integer, List<Row>> rows) {
        this.fault = fault;
        this.trials = List.copyOf(trials);
        this.journal = journal;
        this.rows = rows;
    }

    /** Of everything, also of what was sent before the first trial and after the last. */
    public DrillVerdict verdict() {
        return within(0, Long.MAX_VALUE);
    }

    /** Rows that are none of ours (value -1) count where everything counts. */
    private DrillVerdict within(long firstValue, long endValue) {
        DrillVerdict sum = DrillVerdict.NOTHING;
        for (int partition = 0; partition < journal.partitions(); partition++) {
            List<Acked> acked = journal.acked(partition).stream()
                    .filter(record -> record.value() >= firstValue && record.value() < endValue)
                    .toList();
            List<Row> read = rows.getOrDefault(partition, List.of()).stream()
                    .filter(row -> row.value() >= firstValue && row.value() < endValue)
                    .toList();
            sum = sum.plus(DrillVerdict.of(acked, read));
        }
        return sum;
    }

    public void print(PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%-6s %-7s %9s %9s %9s %9s %6s %11s %10s%n",
                "TRIAL",
                fault.done().toUpperCase(Locale.ROOT),
                "GAP P50",
                "GAP MAX",
                "ALL BACK",
                "ACKED",
                "LOST",
                "DUPLICATED",
                "REORDERED");
        for (TrialResult trial : trials) {
            row(
                    out,
                    Integer.toString(trial.trial()),
                    "node " + trial.broker(),
                    List.of(trial),
                    within(trial.firstValue(), trial.endValue()));
        }
        row(out, "all", "", trials, verdict());
        out.printf(
                Locale.ROOT,
                "refused=%d unknown=%d (neither counts as lost)%n",
                journal.refusedCount(),
                journal.unknownCount());
    }

    private static void row(
            PrintStream out, String name, String broker, List<TrialResult> trials, DrillVerdict verdict) {
        List<Long> gaps = TrialResult.gapsMs(trials);
        out.printf(
                Locale.ROOT,
                "%-6s %-7s %6d ms %6d ms %6d ms %9d %6d %11d %10d%n",
                name,
                broker,
                TrialResult.p50(gaps),
                TrialResult.max(gaps),
                trials.stream().mapToLong(TrialResult::backMs).max().orElse(0),
                verdict.acked(),
                verdict.lost(),
                verdict.duplicated(),
                verdict.reordered());
    }

    /** One line for programs. */
    public String json() {
        List<Long> gaps = TrialResult.gapsMs(trials);
        DrillVerdict verdict = verdict();
        return String.format(
                Locale.ROOT,
                "{\"mode\":\"%s\",\"trials\":%d,\"gap_ms_p50\":%d,\"gap_ms_max\":%d,\"acked\":%d,\"lost\":%d,"
                        + "\"duplicated\":%d,\"reordered\":%d}",
                fault.label(),
                trials.size(),
                TrialResult.p50(gaps),
                TrialResult.max(gaps),
                verdict.acked(),
                verdict.lost(),
                verdict.duplicated(),
                verdict.reordered());
    }
}
