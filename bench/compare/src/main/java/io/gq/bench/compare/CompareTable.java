package io.gq.bench.compare;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** The results for people, as a Markdown table. */
final class CompareTable {

    private CompareTable() {}

    static String text(List<RowResult> results, String peer) {
        StringBuilder text = new StringBuilder();
        text.append(form("work", "unit", "gq", peer, "ratio", "target", "met", "pair by pair (gq / peer = ratio)"));
        text.append("|---|---|---|---|---|---|---|---|\n");
        for (RowResult result : results) {
            text.append(form(
                    result.row().work(),
                    result.row().unit(),
                    figure(result.gq()),
                    figure(result.peer()),
                    figure(result.ratio()),
                    target(result.row()),
                    result.met().map(met -> met ? "yes" : "no").orElse("-"),
                    pairs(result)));
        }
        return text.toString();
    }

    private static String form(Object... cells) {
        return String.format(Locale.ROOT, "| %-25s | %-15s | %9s | %11s | %6s | %8s | %-3s | %s |%n", cells);
    }

    private static String target(Row row) {
        return row.limit().isPresent()
                ? "<= " + figure(row.limit()) + " " + row.unit()
                : row.target().isPresent() ? ">= " + figure(row.target()) : "-";
    }

    private static String pairs(RowResult result) {
        String pairs = result.pairs().stream()
                .map(pair -> figure(pair.gq()) + " / " + figure(pair.peer()) + " = " + figure(pair.ratio()))
                .collect(Collectors.joining("; "));
        return result.reason()
                .map(reason -> (pairs.isEmpty() ? "" : pairs + "; ") + "not run: "
                        + reason.lines().findFirst().orElse(""))
                .orElse(pairs);
    }

    private static String figure(OptionalDouble value) {
        return value.isPresent() ? figure(value.getAsDouble()) : "-";
    }

    /** Three digits that count, none of a whole number lost. */
    static String figure(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
