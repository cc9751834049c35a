package io.gq.client.consumer;

import io.gq.core.TopicPartition;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * What one fetch brought of one partition: batches end to end, unpacked one after the other as they are read. Used by one thread.
 */
final class Chunk {

    final PartitionFetch partition;
    /** The partition's count of seeks when it was asked for: a seek since then makes the chunk worthless. */
    final int seeks;

    final int bytes;
    final long nextOffset;
    private final Iterator<RecordBatch> batches;
    private Iterator<Record> records = Collections.emptyIterator();

    Chunk(PartitionFetch partition, int seeks, ByteBuffer batches, long nextOffset) {
        this.partition = partition;
        this.seeks = seeks;
        this.bytes = batches.remaining();
        this.nextOffset = nextOffset;
        this.batches = RecordBatches.in(batches).iterator();
    }

    TopicPartition topicPartition() {
        return partition.topicPartition;
    }

    /**
     * The next record at or after the offset; null at the end.
     *
     * @throws io.gq.core.record.CorruptBatchException where the bytes are damaged
     */
    @Nullable
    Record next(long fromOffset) {
        while (true) {
            while (records.hasNext()) {
                Record record = records.next();
                if (record.offset() >= fromOffset) {
                    return record;
                }
            }
            if (!batches.hasNext()) {
                return null;
            }
            RecordBatch batch = batches.next();
            batch.validate(Integer.MAX_VALUE);
            records = batch.control() || batch.lastOffset() < fromOffset
                    ? Collections.emptyIterator()
                    : batch.records().iterator();
        }
    }
}
