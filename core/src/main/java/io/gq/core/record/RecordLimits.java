package io.gq.core.record;

/**
 * How much a reader of records lets a batch demand. There is no limit on the ratio: a log of equal lines packs ten thousand to one
 * in earnest, and the bytes bound the memory by themselves.
 *
 * @param decompressedBytesMax bytes that the records of one batch may unpack to
 */
public record RecordLimits(int decompressedBytesMax) {

    /** 64 MiB. */
    public static final RecordLimits DEFAULT = new RecordLimits(64 << 20);

    public RecordLimits {
        if (decompressedBytesMax < 1) {
            throw new IllegalArgumentException("decompressedBytesMax: " + decompressedBytesMax + " (expected: >= 1)");
        }
    }
}
