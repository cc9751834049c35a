package io.gq.core.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/** The same batches by Kafka's own classes. */
final class KafkaBatches {

    private KafkaBatches() {}

    static ByteBuffer batch(Compression compression, List<Record> records) {
        return batch(compression, records, -1, (short) -1, -1);
    }

    static ByteBuffer batch(
            Compression compression, List<Record> records, long producerId, short producerEpoch, int baseSequence) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(512),
                RecordBatch.MAGIC_VALUE_V2,
                org.apache.kafka.common.compress.Compression.of(compression.label())
                        .build(),
                TimestampType.CREATE_TIME,
                0L,
                RecordBatch.NO_TIMESTAMP,
                producerId,
                producerEpoch,
                baseSequence,
                false,
                RecordBatch.NO_PARTITION_LEADER_EPOCH);
        for (Record record : records) {
            builder.append(record.timestampMs(), copy(record.key()), copy(record.value()), headers(record));
        }
        return builder.build().buffer();
    }

    /** What Kafka's classes read out of it, after they checked it. */
    static List<Record> read(ByteBuffer batches) {
        List<Record> records = new ArrayList<>();
        for (var batch : MemoryRecords.readableRecords(batches.duplicate()).batches()) {
            batch.ensureValid();
            for (var record : batch) {
                record.ensureValid();
                List<RecordHeader> headers = new ArrayList<>();
                for (Header header : record.headers()) {
                    headers.add(new RecordHeader(header.key(), wrap(header.value())));
                }
                records.add(new Record(record.offset(), record.timestamp(), record.key(), record.value(), headers));
            }
        }
        return records;
    }

    private static Header[] headers(Record record) {
        RecordHeaders headers = new RecordHeaders();
        record.headers().forEach(h -> headers.add(h.key(), bytes(h.value())));
        return headers.toArray();
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static @Nullable ByteBuffer copy(@Nullable ByteBuffer buffer) {
        return buffer == null ? null : buffer.duplicate();
    }

    static String hex(ByteBuffer buffer) {
        StringBuilder text = new StringBuilder();
        for (int i = buffer.position(); i < buffer.limit(); i++) {
            text.append(String.format("%02x", buffer.get(i)));
            if ((i - buffer.position()) % 32 == 31) {
                text.append('\n');
            }
        }
        return text.append('\n').toString();
    }

    static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
