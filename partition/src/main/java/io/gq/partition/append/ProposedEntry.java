package io.gq.partition.append;

import io.gq.partition.BatchDescriptor;
import io.gq.partition.CommandCodec;
import io.gq.partition.PartitionCommand;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Batches that make up one entry. */
final class ProposedEntry {

    /** In place of a payload that the command carries: the log is told of entries that have one. */
    private static final ByteBuffer INLINE = ByteBuffer.allocate(1).asReadOnlyBuffer();

    private final AppendSession session;
    private final List<WaitingBatch> batches;
    private final long baseOffset;
    private final long timestampMs;
    private final boolean logAppendTime;
    private final int producersMax;

    ProposedEntry(
            AppendSession session,
            List<WaitingBatch> batches,
            long baseOffset,
            long timestampMs,
            boolean logAppendTime,
            int producersMax) {
        this.session = session;
        this.batches = batches;
        this.baseOffset = baseOffset;
        this.timestampMs = timestampMs;
        this.logAppendTime = logAppendTime;
        this.producersMax = producersMax;
    }

    AppendSession session() {
        return session;
    }

    List<WaitingBatch> batches() {
        return batches;
    }

    /** An entry as it is proposed. */
    record Encoded(ByteBuffer command, ByteBuffer payload) {}

    /**
     * Writes offsets, term and, where asked for, time into the batches, and lays them end to end.
     *
     * @param inlineBytesMax a payload up to this size is part of the command
     */
    Encoded encode(int inlineBytesMax) {
        List<BatchDescriptor> descriptors = new ArrayList<>(batches.size());
        long offset = baseOffset;
        int bytes = 0;
        for (WaitingBatch batch : batches) {
            batch.header().assign(offset, (int) session.term());
            if (logAppendTime) {
                batch.header().withLogAppendTime(timestampMs);
            }
            descriptors.add(BatchDescriptor.of(batch.header()));
            offset += batch.offsets();
            bytes += batch.sizeInBytes();
        }
        ByteBuffer payload = join(bytes);
        CRC32C crc = new CRC32C();
        crc.update(payload.duplicate());
        PartitionCommand.Append append = new PartitionCommand.Append(
                timestampMs,
                session.term(),
                baseOffset,
                offset,
                bytes,
                (int) crc.getValue(),
                producersMax,
                descriptors);
        return bytes > inlineBytesMax
                ? new Encoded(CommandCodec.encode(append), payload)
                : new Encoded(CommandCodec.encode(append.inline(payload)), INLINE.duplicate());
    }

    private ByteBuffer join(int bytes) {
        if (batches.size() == 1) {
            return batches.get(0).bytes().slice();
        }
        ByteBuffer payload = ByteBuffer.allocate(bytes);
        batches.forEach(b -> payload.put(b.bytes().duplicate()));
        return payload.flip();
    }

    /** Of all batches together. */
    int bytes() {
        return batches.stream().mapToInt(WaitingBatch::sizeInBytes).sum();
    }

    void complete() {
        long offset = baseOffset;
        for (WaitingBatch batch : batches) {
            batch.complete(offset, session.term(), logAppendTime ? timestampMs : Appended.NO_TIME);
            offset += batch.offsets();
        }
    }

    void fail(RuntimeException cause) {
        batches.forEach(b -> b.fail(cause));
    }
}
