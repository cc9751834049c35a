package io.gq.testing.history;

/**
 * What a history is held to.
 *
 * @param duplicatesAllowed a record appended twice is no violation (a producer without idempotence)
 * @param acknowledgedMin with fewer acknowledged appends the run proves nothing
 * @param findingsKept how many findings are kept with their context; all are counted
 */
public record HistoryConfig(boolean duplicatesAllowed, int acknowledgedMin, int findingsKept) {

    /** Idempotent producers, at least one acknowledged append, the first ten findings. */
    public static HistoryConfig strict() {
        return new HistoryConfig(false, 1, 10);
    }

    public HistoryConfig withAcknowledgedMin(int acknowledgedMin) {
        return new HistoryConfig(duplicatesAllowed, acknowledgedMin, findingsKept);
    }
}
