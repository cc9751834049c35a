package io.gq.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gq.testing.history.HistoryReport.Verdict;
import java.util.ArrayList;
import java.util.List;

/** The cells of a matrix as a table for people, made from their files. */
final class MatrixTable {

    private static final String HEAD = """
            | cell | under fault (s) | injected | not run | ok | failed | unknown | longest gap (ms) | lost | duplicated | reordered | divergent | stale | verdict |
            |---|---|---|---|---|---|---|---|---|---|---|---|---|---|
            """;

    private final ObjectMapper json = new ObjectMapper();
    private final List<String> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private double seconds;
    private long injected;

    /** @return the verdict that stands in the file */
    Verdict add(String cell) {
        JsonNode node;
        try {
            node = json.readTree(cell);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a cell's file is damaged: delete it to have the cell run again", e);
        }
        double underFault = node.path("under_fault_ms").asLong() / 1000.0;
        seconds += underFault;
        injected += node.path("injected").asLong();
        List<String> notRun = new ArrayList<>();
        node.path("not_run").fieldNames().forEachRemaining(notRun::add);
        String verdict = node.path("verdict").asText();
        rows.add("| %s | %.0f | %d | %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s |"
                .formatted(
                        node.path("cell").asText(),
                        underFault,
                        node.path("injected").asLong(),
                        notRun.isEmpty() ? "" : String.join(", ", notRun),
                        node.path("ok").asLong(),
                        node.path("failed").asLong(),
                        node.path("unknown").asLong(),
                        node.path("longest_gap_ms").asLong(),
                        node.path("lost").asLong(),
                        node.path("duplicated").asLong(),
                        node.path("reordered").asLong(),
                        node.path("divergent").asLong(),
                        node.path("stale").asLong(),
                        verdict.equals("PASSED")
                                ? "passed"
                                : verdict.equals("FAILED") ? "**FAILED**" : "inconclusive"));
        for (String what : List.of("findings", "troubles", "doubts")) {
            node.path(what)
                    .forEach(one -> notes.add("- %s, seed %s, %s: %s"
                            .formatted(
                                    node.path("cell").asText(),
                                    node.path("seed").asText(),
                                    what,
                                    one.asText().lines().findFirst().orElse(""))));
        }
        return Verdict.valueOf(verdict);
    }

    String markdown() {
        StringBuilder text = new StringBuilder(HEAD);
        rows.forEach(row -> text.append(row).append('\n'));
        text.append("%nTogether: %.0f s under fault, %d faults injected.%n".formatted(seconds, injected));
        notes.forEach(note -> text.append(note).append('\n'));
        return text.toString();
    }
}
