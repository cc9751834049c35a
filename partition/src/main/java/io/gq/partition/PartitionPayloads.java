package io.gq.partition;

import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.PayloadStore;
import io.gq.partition.log.DamagedLogException;
import io.gq.partition.log.SegmentedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** The log as its host writes it. */
final class PartitionPayloads implements PayloadStore {

    private final SegmentedLog log;

    PartitionPayloads(SegmentedLog log) {
        this.log = log;
    }

    @Override
    public CompletableFuture<Void> write(long term, long index, ByteBuffer command, ByteBuffer payload) {
        try {
            if (CommandCodec.decode(command) instanceof PartitionCommand.Append append) {
                ByteBuffer carried = append.payload();
                return log.write(append.stored(term, index), carried == null ? payload : carried);
            }
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("entry " + index + ": payload without batches"));
        } catch (CommandCodec.MalformedCommandException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<ByteBuffer> read(long term, long index) {
        try {
            return CompletableFuture.completedFuture(log.payload(term, index));
        } catch (DamagedLogException e) {
            return CompletableFuture.failedFuture(new DamagedReplicaException(String.valueOf(e.getMessage())));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void truncate(long index) {
        log.truncate(index);
    }

    @Override
    public CompletableFuture<Void> flush(long index) {
        return log.flush(index);
    }

    @Override
    public void purged(long index) {
        log.purged(index);
    }
}
