package io.gq.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.gq.core.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged, cut, oversized and malicious batches: a typed error in bounded memory, or no harm done. */
class HostileBatchTest {

    private static final int SIZE_MAX = 1 << 20;
    private static final int MIB = 1 << 20;
    private static final RecordLimits SMALL = new RecordLimits(MIB);

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldDetectOrSurviveEveryFlippedBit(Compression compression) {
        List<Record> records = new SampleRecords(11).records(6);
        ByteBuffer batch = KafkaBatches.batch(compression, records, 5, (short) 0, 0);
        for (int at = 0; at < batch.limit(); at++) {
            for (int bit = 0; bit < 8; bit++) {
                batch.put(at, (byte) (batch.get(at) ^ 1 << bit));
                boolean brokersOwn = at < RecordBatch.BATCH_LENGTH_AT
                        || (at >= RecordBatch.LEADER_EPOCH_AT && at < RecordBatch.MAGIC_AT);
                if (brokersOwn) {
                    assertThat(RecordBatches.checkProduced(batch, SIZE_MAX).records())
                            .extracting(Record::value)
                            .containsExactlyElementsOf(
                                    records.stream().map(Record::value).toList());
                } else {
                    assertThatThrownBy(() -> RecordBatches.checkProduced(batch, SIZE_MAX))
                            .as("byte %d bit %d", at, bit)
                            .isInstanceOf(CorruptBatchException.class);
                    readOrTypedError(batch);
                }
                batch.put(at, (byte) (batch.get(at) ^ 1 << bit));
            }
        }
        RecordBatches.checkProduced(batch, SIZE_MAX);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldRefuseABatchCutAnywhere(Compression compression) {
        ByteBuffer batch = KafkaBatches.batch(compression, new SampleRecords(12).records(6));
        for (int length = 0; length < batch.capacity() && length < batch.limit(); length++) {
            ByteBuffer cut = batch.slice(0, length);

            assertRefused(ErrorCode.CORRUPT_BATCH, () -> RecordBatches.checkProduced(cut, SIZE_MAX));
            assertThatThrownBy(() -> open(cut, RecordLimits.DEFAULT)).isInstanceOf(CorruptBatchException.class);
            assertThat(RecordBatches.in(cut)).isEmpty();
            assertThat(RecordBatches.validBytes(cut, SIZE_MAX)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldRefusePackedRecordsCutAnywhere(Compression compression) {
        ByteBuffer batch = KafkaBatches.batch(compression, new SampleRecords(13).records(6));
        for (int length = 0; length < batch.limit() - RecordBatch.HEADER_BYTES; length++) {
            ByteBuffer cut = batchOf(compression, 6, copy(batch.slice(RecordBatch.HEADER_BYTES, length)));

            RecordBatch view = RecordBatch.at(cut, 0);
            view.validate(SIZE_MAX);
            try {
                view.records().forEach(r -> {});
                assertThat(length).as("bytes of records").isGreaterThan(batch.limit() - RecordBatch.HEADER_BYTES - 16);
            } catch (CorruptBatchException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_BATCH);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldGiveATypedErrorWhenAWellSignedBatchHoldsRubbish(Compression compression) {
        int refused = 0;
        for (long seed = 0; seed < 1_500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ByteBuffer batch = KafkaBatches.batch(compression, new SampleRecords(seed % 20).records(5));
            int from = random.nextBoolean() ? RecordBatch.HEADER_BYTES : RecordBatch.ATTRIBUTES_AT + 2;
            for (int i = random.nextInt(1, 8); i > 0; i--) {
                byte value = random.nextInt(3) == 0 ? (byte) -1 : (byte) random.nextInt(256);
                batch.put(random.nextInt(from, batch.limit()), value);
            }
            RecordBatch.at(batch, 0).writeCrc();

            refused += readOrTypedError(batch) ? 0 : 1;
        }
        assertThat(refused).isPositive();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldGiveATypedErrorWhenThePackedBytesAreRandom(Compression compression) {
        for (long seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] rubbish = new byte[random.nextInt(200)];
            random.nextBytes(rubbish);

            ByteBuffer batch = batchOf(compression, random.nextInt(1, 5), rubbish);

            assertThat(readOrTypedError(batch)).as("seed %d", seed).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Compression.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void shouldStopABombAtTheLimitWithoutTakingItsMemory(Compression compression) {
        ByteBuffer packed = compression.compress(ByteBuffer.allocate(48 * MIB));
        ByteBuffer batch = batchOf(compression, 1, copy(packed));
        RecordBatch.at(batch, 0).validate(Integer.MAX_VALUE);
        assertRefused(ErrorCode.MESSAGE_TOO_LARGE, () -> open(batch, SMALL));

        long before = allocatedBytes();
        assertRefused(ErrorCode.MESSAGE_TOO_LARGE, () -> open(batch, SMALL));

        assertThat(allocatedBytes() - before).isLessThan(4L * MIB);
    }

    @ParameterizedTest
    @EnumSource(value = Compression.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void shouldRefuseMoreThanTheDefaultLimit(Compression compression) {
        ByteBuffer batch = batchOf(compression, 1, copy(compression.compress(ByteBuffer.allocate(65 * MIB))));

        assertRefused(ErrorCode.MESSAGE_TOO_LARGE, () -> open(batch, RecordLimits.DEFAULT));
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldUnpackUpToTheLimitExactly(Compression compression) {
        ByteBuffer raw = ByteBuffer.allocate(MIB);
        ByteBuffer packed = compression.compress(raw);

        assertThat(compression.decompress(packed, MIB)).isEqualTo(raw);
        if (compression != Compression.NONE) {
            assertRefused(ErrorCode.MESSAGE_TOO_LARGE, () -> compression.decompress(packed, MIB - 1));
        }
    }

    @Test
    void shouldTakeNoMemoryOnTheWordOfASnappyBlock() {
        byte[] claimsHalfAGigabyte = {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x02, 0, 0, 0};
        ByteBuffer framed = ByteBuffer.allocate(64);
        framed.putLong(0x82534e4150505900L).putInt(1).putInt(1);
        framed.putInt(claimsHalfAGigabyte.length).put(claimsHalfAGigabyte).flip();
        ByteBuffer negativeBlock = ByteBuffer.allocate(24)
                .putLong(0x82534e4150505900L)
                .putInt(1)
                .putInt(1)
                .putInt(-7);
        ByteBuffer endlessBlock =
                ByteBuffer.allocate(24).putLong(0x82534e4150505900L).putInt(1).putInt(1);
        endlessBlock.putInt(Integer.MAX_VALUE);
        ByteBuffer oldVersion =
                ByteBuffer.allocate(16).putLong(0x82534e4150505900L).putInt(0).putInt(0);

        long before = allocatedBytes();
        for (ByteBuffer bad : List.of(
                ByteBuffer.wrap(claimsHalfAGigabyte),
                framed,
                negativeBlock.flip(),
                endlessBlock.flip(),
                oldVersion.flip())) {
            assertRefused(
                    ErrorCode.CORRUPT_BATCH,
                    () -> Compression.SNAPPY.decompress(bad, RecordLimits.DEFAULT.decompressedBytesMax()));
        }
        assertThat(allocatedBytes() - before).isLessThan(4L * MIB);
    }

    @Test
    void shouldReadSnappyWithoutFramingAndStreamsInARow() throws Exception {
        byte[] raw = new SampleRecords(3).records(5).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);

        byte[] bare = org.xerial.snappy.Snappy.compress(raw);
        assertThat(Compression.SNAPPY.decompress(ByteBuffer.wrap(bare), MIB)).isEqualTo(ByteBuffer.wrap(raw));

        byte[] stream = copy(Compression.SNAPPY.compress(ByteBuffer.wrap(raw)));
        ByteBuffer twice =
                ByteBuffer.allocate(2 * stream.length).put(stream).put(stream).flip();
        ByteBuffer expected =
                ByteBuffer.allocate(2 * raw.length).put(raw).put(raw).flip();
        assertThat(Compression.SNAPPY.decompress(twice, MIB)).isEqualTo(expected);
    }

    @Test
    void shouldRefuseCountsThatCannotBe() {
        assertHeaderRefused("recordsCount: -1", b -> b.putInt(RecordBatch.RECORDS_COUNT_AT, -1));
        assertHeaderRefused("recordsCount: 7", b -> b.putInt(RecordBatch.RECORDS_COUNT_AT, 7));
        assertHeaderRefused("lastOffsetDelta: -1", b -> b.putInt(RecordBatch.LAST_OFFSET_DELTA_AT, -1));
        assertHeaderRefused("maxTimestamp: -2", b -> b.putLong(RecordBatch.MAX_TIMESTAMP_AT, -2));
        assertHeaderRefused("baseTimestamp: -2", b -> b.putLong(RecordBatch.BASE_TIMESTAMP_AT, -2));
        assertHeaderRefused("producerId: -2", b -> b.putLong(RecordBatch.PRODUCER_ID_AT, -2));
        assertHeaderRefused("producerEpoch: -2", b -> b.putShort(RecordBatch.PRODUCER_EPOCH_AT, (short) -2));
        assertHeaderRefused("baseSequence: -2", b -> b.putInt(RecordBatch.BASE_SEQUENCE_AT, -2));
        ByteBuffer many = batchOf(Compression.NONE, Integer.MAX_VALUE, new byte[100]);
        RecordBatch.at(many, 0).validate(SIZE_MAX);
        assertRefused(ErrorCode.CORRUPT_BATCH, () -> open(many, RecordLimits.DEFAULT));
    }

    @Test
    void shouldRefuseWhatNoProducerMaySend() {
        assertProducedRefused("recordsCount", b -> b.putInt(RecordBatch.RECORDS_COUNT_AT, 2));
        assertProducedRefused(
                "attributes: 0x20", b -> b.putShort(RecordBatch.ATTRIBUTES_AT, (short) RecordBatch.CONTROL_BIT));
        assertProducedRefused(
                "attributes: 0x10", b -> b.putShort(RecordBatch.ATTRIBUTES_AT, (short) RecordBatch.TRANSACTIONAL_BIT));
        assertProducedRefused("attributes: 0x8000", b -> b.putShort(RecordBatch.ATTRIBUTES_AT, (short) 0x8000));
        assertProducedRefused("producerEpoch: -1", b -> b.putLong(RecordBatch.PRODUCER_ID_AT, 3));
    }

    @Test
    void shouldRefuseMoreOrLessThanOneBatch() {
        ByteBuffer batch = SampleRecords.batch(Compression.NONE, new SampleRecords(1).records(3));
        ByteBuffer longer =
                ByteBuffer.allocate(batch.limit() + 1).put(batch.duplicate()).rewind();

        assertRefused(ErrorCode.CORRUPT_BATCH, () -> RecordBatches.checkProduced(longer, SIZE_MAX));
        assertRefused(ErrorCode.CORRUPT_BATCH, () -> RecordBatches.checkProduced(ByteBuffer.allocate(0), SIZE_MAX));
        assertRefused(ErrorCode.CORRUPT_BATCH, () -> RecordBatches.checkProduced(ByteBuffer.allocate(100), SIZE_MAX));
    }

    @Test
    void shouldTellTooLargeFromCorrupt() {
        ByteBuffer batch = SampleRecords.batch(Compression.NONE, new SampleRecords(1).records(3));

        RecordBatches.checkProduced(batch, batch.limit());
        assertRefused(ErrorCode.MESSAGE_TOO_LARGE, () -> RecordBatches.checkProduced(batch, batch.limit() - 1));
        batch.putInt(RecordBatch.BATCH_LENGTH_AT, Integer.MAX_VALUE);
        assertRefused(ErrorCode.CORRUPT_BATCH, () -> RecordBatches.checkProduced(batch, SIZE_MAX));
    }

    @Test
    void shouldRefuseACodecThatDoesNotExist() {
        for (short id = 5; id < 8; id++) {
            ByteBuffer batch = SampleRecords.batch(Compression.NONE, new SampleRecords(1).records(3));
            batch.putShort(RecordBatch.ATTRIBUTES_AT, id);
            RecordBatch.at(batch, 0).writeCrc();

            assertRefused(ErrorCode.UNSUPPORTED_COMPRESSION, () -> RecordBatches.checkProduced(batch, SIZE_MAX));
            assertRefused(
                    ErrorCode.UNSUPPORTED_COMPRESSION,
                    () -> RecordBatch.at(batch, 0).compression());
        }
    }

    @Test
    void shouldRefuseOtherMagic() {
        ByteBuffer batch = SampleRecords.batch(Compression.NONE, new SampleRecords(1).records(3));
        batch.put(RecordBatch.MAGIC_AT, (byte) 1);

        assertThatThrownBy(() -> RecordBatch.at(batch, 0).validate(SIZE_MAX)).hasMessage("magic: 1 (expected: 2)");
    }

    @Test
    void shouldRefuseRecordsThatLie() {
        assertRecordRefused("record length: -1", 0x01);
        assertRecordRefused("record length: 50", 0x64, 0, 0, 0, 1, 1, 0);
        assertRecordRefused("cut short", 0x00, 0, 0, 0, 0, 0, 0);
        assertRecordRefused("offsetDelta: -1", 0x0c, 0, 0, 1, 1, 1, 0);
        assertRecordRefused("offsetDelta: 1", 0x0c, 0, 0, 2, 1, 1, 0);
        assertRecordRefused("key length: -2", 0x0c, 0, 0, 0, 3, 1, 0);
        assertRecordRefused("key length: 9", 0x0c, 0, 0, 0, 18, 1, 0);
        assertRecordRefused("value length: -2", 0x0c, 0, 0, 0, 1, 3, 0);
        assertRecordRefused("header count: -1", 0x0c, 0, 0, 0, 1, 1, 1);
        assertRecordRefused("header count: 5", 0x10, 0, 0, 0, 1, 1, 10, 0, 0);
        assertRecordRefused("header key length: -1", 0x10, 0, 0, 0, 1, 1, 2, 1, 1);
        assertRecordRefused("header value length: 4", 0x10, 0, 0, 0, 1, 1, 2, 0, 8);
        assertRecordRefused("varint: longer than 5", 0x14, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 1);
        assertRecordRefused(
                "varint: longer than 10", 0x1a, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1, 1);
        assertRecordRefused("expected: 1 less", 0x0e, 0, 0, 0, 1, 1, 0, 0);
        assertRecordRefused("1 bytes left", 0x0c, 0, 0, 0, 1, 1, 0, 0);
        assertThat(RecordBatch.at(batchOf(Compression.NONE, 1, bytes(0x0c, 0, 0, 0, 1, 1, 0)), 0)
                        .records())
                .hasSize(1);
    }

    @Test
    void shouldRefuseBytesInABatchWithoutRecords() {
        ByteBuffer empty = batchOf(Compression.NONE, 1, new byte[0]).putInt(RecordBatch.RECORDS_COUNT_AT, 0);
        assertThat(RecordBatch.at(empty, 0).records()).isEmpty();

        ByteBuffer lying = batchOf(Compression.NONE, 1, new byte[1]).putInt(RecordBatch.RECORDS_COUNT_AT, 0);
        assertRefused(ErrorCode.CORRUPT_BATCH, () -> open(lying, RecordLimits.DEFAULT));
    }

    /** True where everything could be read. Anything but a typed error fails the test. */
    private static boolean readOrTypedError(ByteBuffer batch) {
        try {
            RecordBatch.at(batch, 0)
                    .records(SMALL)
                    .forEach(r -> assertThat(r.headers()).isNotNull());
            return true;
        } catch (CorruptBatchException e) {
            assertThat(e.code())
                    .isIn(ErrorCode.CORRUPT_BATCH, ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.UNSUPPORTED_COMPRESSION);
            return false;
        } catch (RuntimeException e) {
            return fail("not a typed error", e);
        }
    }

    private static Iterator<Record> open(ByteBuffer batch, RecordLimits limits) {
        return RecordBatch.at(batch, 0).records(limits).iterator();
    }

    private static void assertHeaderRefused(String message, Consumer<ByteBuffer> damage) {
        ByteBuffer batch = SampleRecords.batch(Compression.NONE, new SampleRecords(1).records(3));
        damage.accept(batch);
        RecordBatch.at(batch, 0).writeCrc();

        assertThatThrownBy(() -> RecordBatch.at(batch, 0).validate(SIZE_MAX))
                .isInstanceOf(CorruptBatchException.class)
                .hasMessageStartingWith(message);
        assertThatThrownBy(() -> open(batch, RecordLimits.DEFAULT)).isInstanceOf(CorruptBatchException.class);
    }

    private static void assertProducedRefused(String message, Consumer<ByteBuffer> damage) {
        ByteBuffer batch = SampleRecords.batch(Compression.NONE, new SampleRecords(1).records(3));
        damage.accept(batch);
        RecordBatch.at(batch, 0).writeCrc();

        RecordBatch.at(batch, 0).validate(SIZE_MAX);
        assertThatThrownBy(() -> RecordBatches.checkProduced(batch, SIZE_MAX))
                .isInstanceOf(CorruptBatchException.class)
                .hasMessageStartingWith(message);
    }

    private static void assertRecordRefused(String message, int... record) {
        byte[] padded = bytes(
                record.length < 7
                        ? IntStream.concat(
                                        IntStream.of(record),
                                        IntStream.generate(() -> 0).limit(7 - record.length))
                                .toArray()
                        : record);
        ByteBuffer batch = batchOf(Compression.NONE, 1, padded);

        assertThatThrownBy(() -> RecordBatch.at(batch, 0).records().forEach(r -> {}))
                .isInstanceOf(CorruptBatchException.class)
                .hasMessageContaining(message);
    }

    private static void assertRefused(ErrorCode code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(CorruptBatchException.class)
                .extracting(e -> ((CorruptBatchException) e).code())
                .isEqualTo(code);
    }

    /** A batch with a right header and CRC over whatever records. */
    private static ByteBuffer batchOf(Compression compression, int count, byte[] records) {
        ByteBuffer batch = ByteBuffer.allocate(RecordBatch.HEADER_BYTES + records.length);
        batch.putInt(RecordBatch.BATCH_LENGTH_AT, batch.limit() - RecordBatch.LENGTH_PREFIX_BYTES);
        batch.put(RecordBatch.MAGIC_AT, RecordBatch.MAGIC);
        batch.putShort(RecordBatch.ATTRIBUTES_AT, (short) compression.id());
        batch.putInt(RecordBatch.LAST_OFFSET_DELTA_AT, count - 1);
        batch.putInt(RecordBatch.RECORDS_COUNT_AT, count);
        batch.put(RecordBatch.HEADER_BYTES, records);
        RecordBatches.stampProducer(batch, -1, (short) -1, -1);
        return batch;
    }

    private static byte[] bytes(int... values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        IntStream.of(values).forEach(out::write);
        return out.toByteArray();
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
