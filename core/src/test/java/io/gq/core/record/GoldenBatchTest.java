package io.gq.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bytes that Kafka's classes wrote once and for all, in {@code resources/golden}: they must stay readable for ever, and Kafka's
 * classes must still write them. {@code -Dgolden.rewrite=true} writes the files anew (that run
 * still compares with the old ones), to be reviewed as a diff.
 */
class GoldenBatchTest {

    private static final long TIME_MS = 1_767_225_600_000L;
    private static final long APPEND_TIME_MS = TIME_MS + 3_600_000;
    private static final Path FOLDER = Path.of("src/test/resources/golden");

    private static final List<Record> RECORDS = List.of(
            new Record(0, TIME_MS, SampleRecords.utf8("key"), SampleRecords.utf8("value"), List.of()),
            new Record(1, TIME_MS + 1, null, SampleRecords.utf8("no key"), List.of()),
            new Record(2, TIME_MS - 70_000, SampleRecords.utf8("no value, earlier"), null, List.of()),
            new Record(3, TIME_MS + 5, SampleRecords.utf8(""), SampleRecords.utf8(""), List.of()),
            new Record(
                    4,
                    TIME_MS + 100_000,
                    SampleRecords.utf8("headers"),
                    SampleRecords.utf8("x".repeat(200)),
                    List.of(
                            new RecordHeader("one", SampleRecords.utf8("1")),
                            new RecordHeader("one", null),
                            new RecordHeader("", SampleRecords.utf8("")),
                            new RecordHeader("größe", SampleRecords.utf8("ü")))));

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldReadTheGoldenBytes(Compression compression) {
        ByteBuffer golden = golden(compression.label());

        RecordBatch batch = RecordBatches.checkProduced(golden, 4096);

        assertThat(batch.compression()).isEqualTo(compression);
        assertThat(batch.records()).containsExactlyElementsOf(RECORDS);
        assertThat(batch.baseOffset()).isZero();
        assertThat(batch.nextOffset()).isEqualTo(5);
        assertThat(batch.leaderEpoch()).isEqualTo(-1);
        assertThat(batch.producerId()).isEqualTo(4711);
        assertThat(batch.producerEpoch()).isEqualTo((short) 2);
        assertThat(batch.baseSequence()).isEqualTo(33);
        assertThat(batch.baseTimestamp()).isEqualTo(TIME_MS);
        assertThat(batch.maxTimestamp()).isEqualTo(TIME_MS + 100_000);
        assertThat(batch.transactional()).isFalse();
        assertThat(batch.control()).isFalse();
    }

    @Test
    void shouldWriteTheGoldenBytes() {
        ByteBuffer batch = SampleRecords.builder(Compression.NONE, RECORDS)
                .producer(4711, (short) 2, 33)
                .build();

        assertThat(KafkaBatches.hex(batch)).isEqualTo(KafkaBatches.hex(golden("none")));
    }

    @Test
    void shouldWriteTheGoldenBytesWhenTheTimeIsTheAppends() {
        ByteBuffer batch = golden("none");

        RecordBatch.at(batch, 0).withLogAppendTime(APPEND_TIME_MS);

        assertThat(KafkaBatches.hex(batch)).isEqualTo(KafkaBatches.hex(golden("log-append-time")));
        assertThat(RecordBatch.at(batch, 0).records())
                .extracting(Record::timestampMs)
                .containsOnly(APPEND_TIME_MS);
        assertThat(KafkaBatches.read(batch)).extracting(Record::timestampMs).containsOnly(APPEND_TIME_MS);
    }

    /** The packed part may change with the version of a codec; what it unpacks to and the rest of the header may not. */
    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldEqualWhatKafkaWritesNow(Compression compression) throws IOException {
        ByteBuffer now = KafkaBatches.batch(compression, RECORDS, 4711, (short) 2, 33);
        rewriteIfAsked(compression.label(), now);

        ByteBuffer golden = golden(compression.label());
        assertThat(unpacked(golden, compression)).isEqualTo(unpacked(now, compression));
        if (compression == Compression.NONE) {
            assertThat(KafkaBatches.hex(golden)).isEqualTo(KafkaBatches.hex(now));
        }
    }

    @Test
    void shouldEqualWhatKafkaWritesNowWhenTheTimeIsTheAppends() throws IOException {
        ByteBuffer now = KafkaBatches.batch(Compression.NONE, RECORDS, 4711, (short) 2, 33);
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(now).batches().iterator().next();
        batch.setMaxTimestamp(TimestampType.LOG_APPEND_TIME, APPEND_TIME_MS);
        rewriteIfAsked("log-append-time", now);

        assertThat(KafkaBatches.hex(golden("log-append-time"))).isEqualTo(KafkaBatches.hex(now));
    }

    /** The header from the attributes on, and the records without compression. */
    private static String unpacked(ByteBuffer batch, Compression compression) {
        int header = RecordBatch.HEADER_BYTES - RecordBatch.ATTRIBUTES_AT;
        ByteBuffer records = batch.slice(RecordBatch.HEADER_BYTES, batch.limit() - RecordBatch.HEADER_BYTES);
        return KafkaBatches.hex(batch.slice(RecordBatch.ATTRIBUTES_AT, header))
                + KafkaBatches.hex(compression.decompress(records, 1 << 20));
    }

    private static void rewriteIfAsked(String name, ByteBuffer batch) throws IOException {
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.createDirectories(FOLDER);
            Files.writeString(FOLDER.resolve("batch-" + name + ".hex"), KafkaBatches.hex(batch));
        }
    }

    private static ByteBuffer golden(String name) {
        String resource = "/golden/batch-" + name + ".hex";
        try (InputStream in = Objects.requireNonNull(GoldenBatchTest.class.getResourceAsStream(resource), resource)) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
            return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
