package io.gq.partition.append;

/**
 * How batches become entries.
 *
 * @param entryBytesMax batches are put together up to this; a larger one has an entry of its own
 * @param entryBatchesMax batches in one entry
 * @param inFlightMax entries proposed and not yet answered
 * @param waitingBytesMax bytes waiting or in flight; beyond it batches are refused with THROTTLED
 */
public record AppenderConfig(int entryBytesMax, int entryBatchesMax, int inFlightMax, long waitingBytesMax) {

    public static final AppenderConfig DEFAULT = new AppenderConfig(1 << 20, 4096, 8, 32L << 20);

    public AppenderConfig {
        atLeastOne("entryBytesMax", entryBytesMax);
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
