package io.gq.partition;

import io.gq.partition.log.StoredEntry;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an entry of a partition's Raft log says. The leader decides everything in it; replicas only carry it out. */
public sealed interface PartitionCommand {

    /** When the leader made the entry; never earlier than the entry before it. */
    long timestampMs();

    /**
     * Record batches, whose bytes are the entry's payload.
     *
     * <p>A small payload is part of the command: the Raft log's sync then makes it durable too, and no other is waited for.
     *
     * @param term the batches carry as leader epoch
     * @param baseOffset of the first batch
     * @param endOffset the offset after the last batch
     * @param payloadBytes of all batches together
     * @param payloadCrc CRC32C of the payload, base offsets and leader epochs included
     * @param producersMax how many producers are remembered after this entry
     * @param payload where the command carries it; null where it is stored beside the Raft log
     */
    record Append(
            long timestampMs,
            long term,
            long baseOffset,
            long endOffset,
            int payloadBytes,
            int payloadCrc,
            int producersMax,
            List<BatchDescriptor> batches,
            @Nullable ByteBuffer payload)
            implements PartitionCommand {

        public Append {
            batches = List.copyOf(batches);
        }

        /** With its payload beside the Raft log. */
        public Append(
                long timestampMs,
                long term,
                long baseOffset,
                long endOffset,
                int payloadBytes,
                int payloadCrc,
                int producersMax,
                List<BatchDescriptor> batches) {
            this(timestampMs, term, baseOffset, endOffset, payloadBytes, payloadCrc, producersMax, batches, null);
        }

        /** The same with its payload in the command. */
        public Append inline(ByteBuffer bytes) {
            return new Append(
                    timestampMs, term, baseOffset, endOffset, payloadBytes, payloadCrc, producersMax, batches, bytes);
        }

        /** What the log keeps of an entry with this command. */
        StoredEntry stored(long entryTerm, long index) {
            long maxTimestampMs = Long.MIN_VALUE;
            for (BatchDescriptor batch : batches) {
                maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestampMs());
            }
            return new StoredEntry(
                    entryTerm,
                    index,
                    timestampMs,
                    baseOffset,
                    endOffset,
                    payloadBytes,
                    payloadCrc,
                    maxTimestampMs,
                    payload);
        }
    }

    /**
     * Moves the log start and forgets silent producers.
     *
     * @param startOffset the first offset that stays; beyond the high watermark it counts as the high watermark
     * @param producersBeforeMs producers whose last batch is older are forgotten
     */
    record Trim(long timestampMs, long startOffset, long producersBeforeMs) implements PartitionCommand {}
}
