package io.gq.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class RecordBatchesTest {

    private static final int SIZE_MAX = 1 << 20;
    private static final List<Compression> CODECS = List.of(Compression.values());

    @Test
    void shouldWalkBatchesEndToEnd() {
        ByteBuffer log = log(5);

        List<Long> offsets = new ArrayList<>();
        for (RecordBatch batch : RecordBatches.in(log)) {
            batch.validate(SIZE_MAX);
            batch.records().forEach(r -> offsets.add(r.offset()));
        }

        assertThat(offsets).isSorted().doesNotHaveDuplicates().startsWith(100L);
        assertThat(log.position()).isZero();
        assertThat(KafkaBatches.read(log)).extracting(Record::offset).isEqualTo(offsets);
        assertThat(RecordBatches.validBytes(log, SIZE_MAX)).isEqualTo(log.limit());
    }

    @Test
    void shouldEndBeforeABatchThatIsCutOff() {
        ByteBuffer log = log(3);
        int lastAt = log.limit() - size(log, 2);
        for (int limit = lastAt; limit < log.capacity(); limit++) {
            ByteBuffer cut = log.slice(0, limit);

            assertThat(RecordBatches.in(cut)).hasSize(2);
            assertThat(RecordBatches.validBytes(cut, SIZE_MAX)).isEqualTo(lastAt);
        }
    }

    @Test
    void shouldFindTheValidPartWhenTheRestWasNeverWritten() {
        ByteBuffer log = log(3);
        ByteBuffer preallocated =
                ByteBuffer.allocate(log.limit() + 500).put(log.duplicate()).rewind();

        assertThat(RecordBatches.validBytes(preallocated, SIZE_MAX)).isEqualTo(log.limit());
        assertThat(RecordBatches.validBytes(preallocated.position(size(log, 0)), SIZE_MAX))
                .isEqualTo(log.limit() - size(log, 0));
    }

    @Test
    void shouldFindTheValidPartWhenABatchIsDamaged() {
        ByteBuffer log = log(3);
        int secondAt = size(log, 0);
        log.put(secondAt + 70, (byte) (log.get(secondAt + 70) + 1));

        assertThat(RecordBatches.validBytes(log, SIZE_MAX)).isEqualTo(secondAt);
        assertThat(RecordBatches.in(log)).hasSize(3);
    }

    @Test
    void shouldThrowAtALengthNoBatchHas() {
        for (int length : new int[] {0, 48, -1, Integer.MIN_VALUE}) {
            ByteBuffer log = log(2);
            log.putInt(size(log, 0) + RecordBatch.BATCH_LENGTH_AT, length);
            Iterator<RecordBatch> batches = RecordBatches.in(log).iterator();
            batches.next();

            assertThatThrownBy(batches::hasNext).isInstanceOf(CorruptBatchException.class);
        }
    }

    @Test
    void shouldThrowWhenReadPastTheEnd() {
        Iterator<RecordBatch> batches = RecordBatches.in(ByteBuffer.allocate(0)).iterator();
        assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);

        Iterator<Record> records = RecordBatch.at(log(1), 0).records().iterator();
        while (records.hasNext()) {
            records.next();
        }
        assertThatThrownBy(records::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void shouldKeepTheCrcWhenOffsetAndEpochAreAssigned() {
        ByteBuffer batch = SampleRecords.batch(Compression.ZSTD, new SampleRecords(1).records(30));

        RecordBatch.at(batch, 0).assign(Long.MAX_VALUE - 100, 77);

        RecordBatch assigned = RecordBatches.checkProduced(batch, SIZE_MAX);
        assertThat(assigned.leaderEpoch()).isEqualTo(77);
        assertThat(assigned.lastOffset()).isEqualTo(Long.MAX_VALUE - 71);
    }

    @Test
    void shouldReadDirectAndReadOnlyBuffers() {
        List<Record> records = new SampleRecords(8).records(50);
        for (Compression compression : Compression.values()) {
            ByteBuffer batch = SampleRecords.batch(compression, records);
            ByteBuffer direct = ByteBuffer.allocateDirect(batch.limit())
                    .put(batch.duplicate())
                    .flip();
            for (ByteBuffer view : List.of(batch.asReadOnlyBuffer(), direct, direct.asReadOnlyBuffer())) {
                assertThat(RecordBatches.checkProduced(view, SIZE_MAX).records())
                        .containsExactlyElementsOf(records);
            }
        }
    }

    private static ByteBuffer log(int batches) {
        List<ByteBuffer> parts = new ArrayList<>();
        long offset = 100;
        for (int i = 0; i < batches; i++) {
            Compression compression = CODECS.get(i % CODECS.size());
            ByteBuffer batch = SampleRecords.batch(compression, new SampleRecords(i).records());
            RecordBatch.at(batch, 0).assign(offset, 3);
            offset = RecordBatch.at(batch, 0).nextOffset();
            parts.add(batch);
        }
        ByteBuffer log = ByteBuffer.allocate(
                parts.stream().mapToInt(ByteBuffer::remaining).sum());
        parts.forEach(log::put);
        return log.flip();
    }

    private static int size(ByteBuffer log, int number) {
        int at = 0;
        for (int i = 0; i < number; i++) {
            at += RecordBatch.at(log, at).sizeInBytes();
        }
        return RecordBatch.at(log, at).sizeInBytes();
    }
}
