package io.gq.controller.placement;

/**
 * What a broker last said of itself.
 *
 * @param storedBytes payload bytes on its disk
 * @param produceBytesPerS bytes a second it takes in
 * @param diskFull it refuses produce for want of space
 */
public record BrokerLoad(long storedBytes, long produceBytesPerS, boolean diskFull) {

    public static final BrokerLoad UNKNOWN = new BrokerLoad(0, 0, false);

    public BrokerLoad {
        if (storedBytes < 0 || produceBytesPerS < 0) {
            throw new IllegalArgumentException(
                    "load: " + storedBytes + " bytes, " + produceBytesPerS + " bytes/s (expected: >= 0)");
        }
    }
}
