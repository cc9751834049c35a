package io.gq.partition.append;

/**
 * How batches become entries.
 *
 * @param entryBytesMax batches are put together up to this; a larger one has an entry of its own
 * @param entryBytesMin while an entry is in flight, the next one waits for so many bytes, or for the last answer: an entry costs the same
 *     whatever its size, so batches that would wait for the disk anyway had better share one (group commit)
 * @param entryBatchesMax batches in one entry
 * @param inFlightMax entries proposed and not yet answered
 * @param waitingBytesMax bytes waiting or in flight; beyond it batches are refused with THROTTLED
 */
public record AppenderConfig(
        int entryBytesMax, int entryBytesMin, int entryBatchesMax, int inFlightMax, long waitingBytesMax) {

    public static final AppenderConfig DEFAULT = new AppenderConfig(1 << 20, 512 << 10, 4096, 8, 32L << 20);

    public AppenderConfig {
        atLeastOne("entryBytesMax", entryBytesMax);
        if (entryBytesMin < 0 || entryBytesMin > entryBytesMax) {
            throw new IllegalArgumentException(
                    "entryBytesMin: " + entryBytesMin + " (expected: 0 to " + entryBytesMax + ")");
        }
        atLeastOne("entryBatchesMax", entryBatchesMax);
        atLeastOne("inFlightMax", inFlightMax);
        atLeastOne("waitingBytesMax", waitingBytesMax);
    }

    private static void atLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
