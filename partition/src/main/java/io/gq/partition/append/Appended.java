package io.gq.partition.append;

/**
 * A committed batch.
 *
 * @param duplicate the batch had been appended before; {@code baseOffset} is the original one
 * @param logAppendTimeMs -1 where the records keep their producer's time
 */
public record Appended(long baseOffset, long term, boolean duplicate, long logAppendTimeMs) {

    public static final long NO_TIME = -1;
}
