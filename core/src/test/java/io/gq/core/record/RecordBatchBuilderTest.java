package io.gq.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordBatchBuilderTest {

    private static final int SIZE_MAX = 1 << 20;

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldNeverBuildMoreThanItsSize(Compression compression) {
        for (long seed = 0; seed < 100; seed++) {
            RecordBatchBuilder builder = SampleRecords.builder(compression, new SampleRecords(seed).records());

            int size = builder.sizeInBytes();
            ByteBuffer batch = builder.build();

            assertThat(batch.remaining()).isLessThanOrEqualTo(size);
            assertThat(batch.position()).isZero();
            assertThat(batch.hasArray()).isTrue();
            if (compression == Compression.NONE) {
                assertThat(batch.remaining()).isEqualTo(size);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldLeaveRecordsAsTheyAreWhenPackingMakesThemLarger(Compression compression) {
        byte[] noise = new byte[100];
        new SplittableRandom(1).nextBytes(noise);
        RecordBatchBuilder builder = new RecordBatchBuilder(compression, 0);
        builder.append(1, null, ByteBuffer.wrap(noise), List.of());

        ByteBuffer batch = builder.build();

        assertThat(RecordBatches.checkProduced(batch, SIZE_MAX).compression()).isEqualTo(Compression.NONE);
        assertThat(RecordBatch.at(batch, 0).records())
                .extracting(Record::value)
                .containsExactly(ByteBuffer.wrap(noise));
    }

    @Test
    void shouldFillABatchUpToTheLimitAndNotBeyond() {
        for (long seed = 0; seed < 50; seed++) {
            RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 64);
            int limit = 4_000;
            for (Record r : new SampleRecords(seed).records(200)) {
                int before = builder.sizeInBytes();
                long most = RecordBatchBuilder.recordBytesMax(r.key(), r.value(), r.headers());
                if (!builder.hasRoomFor(r.key(), r.value(), r.headers(), limit)) {
                    assertThat(before + most).isGreaterThan(limit);
                    continue;
                }
                assertThat(builder.append(r.timestampMs(), r.key(), r.value(), r.headers()))
                        .isEqualTo(builder.recordsCount() - 1);
                assertThat((long) builder.sizeInBytes() - before).isLessThanOrEqualTo(most);
            }
            assertThat(builder.build().remaining()).isBetween(limit / 2, limit);
        }
    }

    @Test
    void shouldLeaveTheCallersBuffersAlone() {
        ByteBuffer value = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2);

        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 64);
        builder.append(5, value.asReadOnlyBuffer(), value, List.of(new RecordHeader("h", value)));

        assertThat(value.position()).isEqualTo(1);
        assertThat(value.remaining()).isEqualTo(2);
        Record record = RecordBatch.at(builder.build(), 0).records().iterator().next();
        ByteBuffer expected = ByteBuffer.wrap(new byte[] {1, 2});
        assertThat(record).isEqualTo(new Record(0, 5, expected, expected, List.of(new RecordHeader("h", expected))));
    }

    @Test
    void shouldShareTheBatchsBytesWhenItIsNotCompressed() {
        ByteBuffer batch = SampleRecords.batch(
                Compression.NONE, List.of(new Record(0, 1, null, ByteBuffer.wrap(new byte[] {1, 2, 3}), List.of())));
        ByteBuffer value = RecordBatch.at(batch, 0).records().iterator().next().value();

        batch.put(batch.limit() - 2, (byte) 77);

        assertThat(value).isNotNull();
        assertThat(value.get(2)).isEqualTo((byte) 77);
    }

    @Test
    void shouldStampABatchAgainWhenItWasBuilt() {
        ByteBuffer batch = SampleRecords.batch(Compression.LZ4, new SampleRecords(3).records(40));
        assertThat(RecordBatch.at(batch, 0).hasProducerId()).isFalse();
        ByteBuffer elsewhere = ByteBuffer.allocate(batch.limit() + 10)
                .position(10)
                .put(batch.duplicate())
                .position(10);

        RecordBatches.stampProducer(elsewhere, 12, (short) 3, 99);
        RecordBatches.stampProducer(elsewhere, 13, (short) 4, 100);

        RecordBatch stamped = RecordBatches.checkProduced(elsewhere, SIZE_MAX);
        assertThat(stamped.hasProducerId()).isTrue();
        assertThat(stamped.producerId()).isEqualTo(13);
        assertThat(stamped.producerEpoch()).isEqualTo((short) 4);
        assertThat(stamped.baseSequence()).isEqualTo(100);
        assertThat(elsewhere.position()).isEqualTo(10);
    }

    @Test
    void shouldRefuseMisuse() {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 64);
        assertThat(builder.isEmpty()).isTrue();
        assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> builder.append(-1, null, null, List.of())).hasMessageContaining("timestampMs: -1");
        builder.append(1, null, null, List.of());
        assertThat(builder.isEmpty()).isFalse();
        builder.build();
        assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> builder.append(1, null, null, List.of())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new RecordLimits(0)).hasMessageContaining("decompressedBytesMax: 0");
    }

    @Test
    void shouldNameCodecs() {
        for (Compression compression : Compression.values()) {
            assertThat(Compression.named(compression.label())).contains(compression);
            assertThat(Compression.of((short) compression.id())).isEqualTo(compression);
        }
        assertThat(Compression.named("LZ4")).contains(Compression.LZ4);
        assertThat(Compression.named("brotli")).isEmpty();
        assertThat(Compression.ZSTD.id()).isEqualTo(4);
        assertThat(Compression.ZSTD.label()).isEqualTo("zstd");
    }

    @Test
    void shouldWriteVarintsOfEverySize() {
        for (int shift = 0; shift < 64; shift++) {
            for (long value : new long[] {1L << shift, (1L << shift) - 1, -(1L << shift), ~(1L << shift)}) {
                byte[] bytes = new byte[Varint.BYTES_MAX_64];
                assertThat(Varint.write(bytes, 0, value)).isEqualTo(Varint.sizeOf(value));
                assertThat(Varint.sizeOf(value))
                        .isEqualTo(org.apache.kafka.common.utils.internals.ByteUtils.sizeOfVarlong(value));
            }
        }
    }
}
