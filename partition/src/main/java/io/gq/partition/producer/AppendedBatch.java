package io.gq.partition.producer;

/**
 * A batch an idempotent producer appended.
 *
 * @param lastSequence inclusive; sequences go on at 0 after the largest int
 */
public record AppendedBatch(int baseSequence, int lastSequence, long baseOffset, long timestampMs) {

    /** The last sequence of a batch of {@code records} records. */
    public static int lastSequence(int baseSequence, int records) {
        return (int) ((baseSequence + (long) records - 1) & Integer.MAX_VALUE);
    }

    /** The sequence after one. */
    public static int next(int sequence) {
        return sequence == Integer.MAX_VALUE ? 0 : sequence + 1;
    }
}
