package io.gq.broker.config;

import io.gq.core.ByteSize;

/**
 * How waiting batches of one led partition become Raft entries.
 *
 * @param entryBytesMax batches are put together up to this; one larger batch makes an entry of its own
 * @param entryBytesMin while an entry is in flight the next one waits for so much, for a full entry, or until nothing is in flight
 * @param entryBatchesMax batches put together into one entry
 * @param entriesInFlightMax entries proposed and not committed yet
 * @param inlineBytesMax an entry with batches up to this size lies in the Raft log as well, whose sync is then the only one it waits for
 * @param queueBytesMax batches that wait for their entry; above it a produce is THROTTLED
 */
public record AppendConfig(
        ByteSize entryBytesMax,
        ByteSize entryBytesMin,
        int entryBatchesMax,
        int entriesInFlightMax,
        ByteSize inlineBytesMax,
        ByteSize queueBytesMax) {

    /** What one Raft append call can carry, bytes. */
    public static final long APPEND_BYTES_LIMIT = 2 << 20;
    /** Room for the headers of the entry and of the call around it, bytes. */
    public static final long ENTRY_HEADER_BYTES = 64 << 10;
    /** The largest payload of one entry, bytes. */
    public static final ByteSize PAYLOAD_LIMIT = new ByteSize(APPEND_BYTES_LIMIT - ENTRY_HEADER_BYTES);

    public AppendConfig {
        new Checks("append.")
                .range("entry_bytes_max", entryBytesMax, new ByteSize(4 << 10), PAYLOAD_LIMIT)
                .range("entry_bytes_min", entryBytesMin, new ByteSize(0), PAYLOAD_LIMIT)
                .range("entry_batches_max", entryBatchesMax, 1, 4096)
                .range("entries_in_flight_max", entriesInFlightMax, 1, 1024)
                .range("inline_bytes_max", inlineBytesMax, "0", "4KB")
                .range("queue_bytes_max", queueBytesMax, "64KB", "1TB")
                .done();
    }
}
