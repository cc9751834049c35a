package io.gq.bench.jmh;

import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/** Record batches as producers send them. */
final class Batches {

    private static final long SEED = 1;
    private static final long TIMESTAMP_MS = 1_700_000_000_000L;

    private Batches() {}

    /** Uncompressed, of records of that size, up to that many bytes. */
    static ByteBuffer of(int recordBytes, int batchBytesMax) {
        byte[] value = new byte[recordBytes];
        new Random(SEED).nextBytes(value);
        RecordBatchBuilder batch = new RecordBatchBuilder(Compression.NONE, batchBytesMax);
        ByteBuffer record = ByteBuffer.wrap(value);
        do {
            batch.append(TIMESTAMP_MS, null, record, List.of());
        } while (batch.hasRoomFor(null, record, List.of(), batchBytesMax));
        return batch.build();
    }

    static int records(ByteBuffer batch) {
        return RecordBatch.at(batch, batch.position()).recordsCount();
    }
}
