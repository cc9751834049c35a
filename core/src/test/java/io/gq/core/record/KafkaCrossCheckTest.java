package io.gq.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Kafka's own classes write we read, and the other way round: every codec, many seeds. */
class KafkaCrossCheckTest {

    private static final int SEEDS = 60;

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldReadWhatKafkaWrites(Compression compression) {
        for (long seed = 0; seed < SEEDS; seed++) {
            List<Record> records = new SampleRecords(seed).records();

            ByteBuffer bytes = KafkaBatches.batch(compression, records, 42, (short) 3, 17);

            RecordBatch batch = RecordBatches.checkProduced(bytes, 1 << 20);
            assertThat(batch.records()).as("seed %d", seed).containsExactlyElementsOf(records);
            assertThat(batch.compression()).isEqualTo(compression);
            assertThat(batch.producerId()).isEqualTo(42);
            assertThat(batch.producerEpoch()).isEqualTo((short) 3);
            assertThat(batch.baseSequence()).isEqualTo(17);
            assertThat(batch.recordsCount()).isEqualTo(records.size());
            assertThat(batch.maxTimestamp())
                    .isEqualTo(records.stream()
                            .mapToLong(Record::timestampMs)
                            .max()
                            .orElseThrow());
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldBeReadByKafka(Compression compression) {
        for (long seed = 0; seed < SEEDS; seed++) {
            List<Record> records = new SampleRecords(seed).records();

            ByteBuffer bytes = SampleRecords.builder(compression, records)
                    .producer(7_000_000_000L, (short) 1, 5)
                    .build();

            assertThat(KafkaBatches.read(bytes)).as("seed %d", seed).isEqualTo(records);
            var batch =
                    MemoryRecords.readableRecords(bytes).batches().iterator().next();
            assertThat(batch.producerId()).isEqualTo(7_000_000_000L);
            assertThat(batch.producerEpoch()).isEqualTo((short) 1);
            assertThat(batch.baseSequence()).isEqualTo(5);
            assertThat(batch.lastOffset()).isEqualTo(records.size() - 1L);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldReadAndBeReadWhenRecordsSpanManyBlocks(Compression compression) {
        List<Record> records = new SampleRecords(1).records(3_000);

        assertThat(RecordBatch.at(KafkaBatches.batch(compression, records), 0).records())
                .containsExactlyElementsOf(records);
        ByteBuffer ours = SampleRecords.batch(compression, records);
        assertThat(RecordBatch.at(ours, 0).compression()).isEqualTo(compression);
        assertThat(KafkaBatches.read(ours)).isEqualTo(records);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldUnpackWhatItPacked(Compression compression) {
        ByteBuffer raw = ByteBuffer.allocate(300_000);

        ByteBuffer packed = compression.compress(raw);

        assertThat(compression.decompress(packed, raw.capacity())).isEqualTo(raw);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldWriteTheSameHeaderAsKafka(Compression compression) {
        List<Record> records = new SampleRecords(5).records(200);

        ByteBuffer ours = SampleRecords.batch(compression, records);
        ByteBuffer theirs = KafkaBatches.batch(compression, records);

        // the packed bytes may differ between codec versions: lengths and CRCs then do, too
        int fromAttributes = RecordBatch.HEADER_BYTES - RecordBatch.ATTRIBUTES_AT;
        assertThat(ours.slice(RecordBatch.ATTRIBUTES_AT, fromAttributes))
                .isEqualTo(theirs.slice(RecordBatch.ATTRIBUTES_AT, fromAttributes));
        if (compression == Compression.NONE) {
            assertThat(ours).isEqualTo(theirs);
        }
    }
}
