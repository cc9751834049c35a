package io.gq.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.fuzz.Bounded;
import io.gq.fuzz.Input;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What producers send and consumers fetch. */
public final class RecordBatchFuzzTest {

    private static final int BATCH_BYTES_MAX = 1 << 20;
    private static final RecordLimits LIMITS = new RecordLimits(1 << 20);
    /** LZ4 takes blocks of the size its header names, 4 MiB at most, and zstd a window. */
    private static final long ALLOCATED_MAX = 64L << 20;

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        for (Compression compression : Compression.values()) {
            byte[] batch = batch(compression, 3);
            seeds.put("validate/" + compression.label(), batch);
            seeds.put("records/" + compression.label(), batch);
            seeds.put("several/" + compression.label(), Input.concat(batch, batch(Compression.NONE, 1)));
        }
        return seeds;
    }

    static byte[] batch(Compression compression, int records) {
        RecordBatchBuilder builder = new RecordBatchBuilder(compression, 256);
        for (int i = 0; i < records; i++) {
            ByteBuffer key = i == 0 ? null : ByteBuffer.wrap(("key " + i).getBytes(StandardCharsets.UTF_8));
            ByteBuffer value = ByteBuffer.wrap("value value value value".getBytes(StandardCharsets.UTF_8));
            builder.append(1000 + i, key, value, List.of(new RecordHeader("h", value.duplicate())));
        }
        return Input.array(builder.producer(7, (short) 1, 5).build());
    }

    @FuzzTest
    void validate(byte[] data) throws Exception {
        Bounded.check(1 << 20, () -> {
            try {
                RecordBatch batch = RecordBatches.checkProduced(ByteBuffer.wrap(data), BATCH_BYTES_MAX);
                assertThat(batch.sizeInBytes()).isEqualTo(data.length);
                assertThat(batch.nextOffset() - batch.baseOffset()).isEqualTo(batch.recordsCount());
            } catch (CorruptBatchException expected) {
                assertThat(expected.code()).isNotNull();
            }
        });
    }

    /** Length, magic and checksum are made right, so that what is behind them is reached. */
    @FuzzTest
    void records(byte[] data) throws Exception {
        if (data.length < RecordBatch.HEADER_BYTES) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(data.clone());
        bytes.putInt(RecordBatch.BATCH_LENGTH_AT, data.length - RecordBatch.LENGTH_PREFIX_BYTES);
        bytes.put(RecordBatch.MAGIC_AT, RecordBatch.MAGIC);
        RecordBatch batch = RecordBatch.at(bytes, 0);
        batch.writeCrc();
        Bounded.check(ALLOCATED_MAX, () -> {
            try {
                batch.validate(BATCH_BYTES_MAX);
                List<Record> records = new ArrayList<>();
                batch.records(LIMITS).forEach(records::add);
                assertThat(records).hasSize(batch.recordsCount());
                checkBuiltAgain(records);
            } catch (CorruptBatchException expected) {
                assertThat(expected.code()).isNotNull();
            }
        });
    }

    private static void checkBuiltAgain(List<Record> records) {
        if (records.isEmpty() || records.get(0).timestampMs() < 0) {
            return;
        }
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 256);
        for (Record r : records) {
            if (r.timestampMs() < 0) {
                return;
            }
            builder.append(r.timestampMs(), r.key(), r.value(), r.headers());
        }
        List<Record> again = new ArrayList<>();
        RecordBatch.at(builder.build(), 0).records(LIMITS).forEach(again::add);
        assertThat(again).hasSameSizeAs(records);
        for (int i = 0; i < again.size(); i++) {
            assertThat(again.get(i).timestampMs()).isEqualTo(records.get(i).timestampMs());
            assertThat(again.get(i).key()).isEqualTo(records.get(i).key());
            assertThat(again.get(i).value()).isEqualTo(records.get(i).value());
            assertThat(again.get(i).headers()).isEqualTo(records.get(i).headers());
        }
    }

    @FuzzTest
    void several(byte[] data) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(data);
        Bounded.check(1 << 20, () -> {
            int valid = RecordBatches.validBytes(bytes, BATCH_BYTES_MAX);
            assertThat(valid).isBetween(0, data.length);
            try {
                int end = 0;
                for (RecordBatch batch : RecordBatches.in(bytes)) {
                    end += batch.sizeInBytes();
                }
                assertThat(end).isBetween(valid, data.length);
            } catch (CorruptBatchException expected) {
                assertThat(valid).isLessThan(data.length);
            }
        });
    }
}
