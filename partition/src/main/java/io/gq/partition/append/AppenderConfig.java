package io.gq.partition.append;

/**
 * How batches become entries.
 *
 * @param entryBytesMax batches are put together up to this; a larger one has an entry of its own
 * @param entryBytesMin while an entry is in flight, the next one waits for so many bytes, or for the last answer: an entry costs the same
 *     whatever its size, so batches that would wait for the disk anyway had better share one (group commit)
 * @param entryBatchesMax batches in one entry
 * @param inFlightMax entries proposed and not yet answered
 * @param inlineBytesMax an entry's batches up to this size lie in the Raft log as well as in their segment, so that its sync is the only
 *     one they wait for (docs/design/0011-small-entries.md); 0: none
 * @param waitingBytesMax bytes waiting or in flight; beyond it batches are refused with THROTTLED
 */
public record AppenderConfig(
        int entryBytesMax,
        int entryBytesMin,
        int entryBatchesMax,
        int inFlightMax,
        int inlineBytesMax,
        long waitingBytesMax) {

    /** A replica that opens holds the Raft log's entries in memory for a moment, at worst those that a lagging member kept there. */
    private static final int INLINE_BYTES_MAX = 4 << 10;

    public static final AppenderConfig DEFAULT = new AppenderConfig(1 << 20, 512 << 10, 4096, 8, 1 << 10, 32L << 20);

    public AppenderConfig {
        atLeastOne("entryBytesMax", entryBytesMax);
        if (entryBytesMin < 0 || entryBytesMin > entryBytesMax) {
            throw new IllegalArgumentException(
                    "entryBytesMin: " + entryBytesMin + " (expected: 0 to " + entryBytesMax + ")");
        }
        atLeastOne("entryBatchesMax", entryBatchesMax);
        atLeastOne("inFlightMax", inFlightMax);
        if (inlineBytesMax < 0 || inlineBytesMax > INLINE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "inlineBytesMax: " + inlineBytesMax + " (expected: 0 to " + INLINE_BYTES_MAX + ")");
        }
        atLeastOne("waitingBytesMax", waitingBytesMax);
    }

    public AppenderConfig withInlineBytesMax(int newInlineBytesMax) {
        return new AppenderConfig(
                entryBytesMax, entryBytesMin, entryBatchesMax, inFlightMax, newInlineBytesMax, waitingBytesMax);
    }

    private static void atLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
