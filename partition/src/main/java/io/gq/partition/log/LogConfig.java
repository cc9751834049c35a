package io.gq.partition.log;

/**
 * How a log lies on disk. Replicas may differ in it: nothing here changes what the log means.
 *
 * @param segmentBytes a segment that would grow beyond it is sealed first; a larger entry has a segment of its own
 * @param segmentMs a segment whose first entry is older than the entry being written by this much is sealed first
 * @param preallocateBytes zeros written ahead of the tail at a time, at most; 0: none
 * @param verifyOnOpenBytes newest payload below the checkpoint whose CRC is checked when the log opens; what is above the checkpoint
 *     always is
 * @param checkCrcOnRead each batch's own CRC is checked before it is handed to a reader
 */
public record LogConfig(
        long segmentBytes, long segmentMs, int preallocateBytes, long verifyOnOpenBytes, boolean checkCrcOnRead) {

    public LogConfig {
        atLeast("segmentBytes", segmentBytes, 1);
        atLeast("segmentMs", segmentMs, 1);
        atLeast("preallocateBytes", preallocateBytes, 0);
        atLeast("verifyOnOpenBytes", verifyOnOpenBytes, 0);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
