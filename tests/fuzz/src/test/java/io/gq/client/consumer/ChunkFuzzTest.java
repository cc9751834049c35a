package io.gq.client.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.client.internal.Backoff;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.core.record.CorruptBatchException;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.core.record.RecordLimits;
import io.gq.fuzz.Bounded;
import io.gq.fuzz.Input;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Batches a consumer was sent. */
public final class ChunkFuzzTest {

    /** What is unpacked may take twice its limit. */
    private static final long ALLOCATED_MAX = 2L * RecordLimits.DEFAULT.decompressedBytesMax() + (16 << 20);

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        for (Compression compression : List.of(Compression.NONE, Compression.LZ4)) {
            RecordBatchBuilder builder = new RecordBatchBuilder(compression, 64);
            for (int i = 0; i < 3; i++) {
                ByteBuffer value = ByteBuffer.wrap(("value " + i).getBytes(StandardCharsets.UTF_8));
                builder.append(1000 + i, null, value, List.of());
            }
            byte[] batch = Input.array(builder.build());
            seeds.put("records/" + compression.label(), Input.concat(new byte[] {1}, batch, batch));
        }
        return seeds;
    }

    /** An offset, then batches; the checksum of the first is made right. */
    @FuzzTest
    void records(byte[] data) throws Exception {
        Input input = new Input(data);
        int from = input.u8();
        byte[] batches = input.rest();
        ByteBuffer bytes = ByteBuffer.wrap(batches);
        if (batches.length >= RecordBatch.HEADER_BYTES) {
            RecordBatch first = RecordBatch.at(bytes, 0);
            if (first.sizeInBytes() >= RecordBatch.HEADER_BYTES && first.sizeInBytes() <= batches.length) {
                bytes.putInt(17, first.computeCrc());
            }
        }
        Bounded.check(ALLOCATED_MAX, () -> {
            try {
                Chunk chunk = new Chunk(fetch(), 0, bytes, 5);
                for (Record record = chunk.next(from); record != null; record = chunk.next(from)) {
                    assertThat(record.offset()).isGreaterThanOrEqualTo(from);
                }
            } catch (CorruptBatchException expected) {
                assertThat(expected.code()).isNotNull();
            }
        });
    }

    private static PartitionFetch fetch() {
        Backoff backoff = new Backoff(new SplittableRandom(1), Duration.ofMillis(1), Duration.ofMillis(1));
        return new PartitionFetch(new TopicPartition("orders", 0), backoff);
    }
}
