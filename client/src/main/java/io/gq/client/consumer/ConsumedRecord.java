package io.gq.client.consumer;

import io.gq.core.TopicPartition;
import io.gq.core.record.Record;
import io.gq.core.record.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record read from a partition. Its buffers are views of the batch it came in: it may be kept, and then keeps that batch in memory. */
public record ConsumedRecord(TopicPartition topicPartition, Record record) {

    public String topic() {
        return topicPartition.topic();
    }

    public int partition() {
        return topicPartition.partition();
    }

    public long offset() {
        return record.offset();
    }

    public long timestampMs() {
        return record.timestampMs();
    }

    public List<RecordHeader> headers() {
        return record.headers();
    }

    /** Position to limit; its own position and limit, so reading it disturbs nobody. */
    public @Nullable ByteBuffer key() {
        return view(record.key());
    }

    /** Position to limit; its own position and limit, so reading it disturbs nobody. */
    public @Nullable ByteBuffer value() {
        return view(record.value());
    }

    /** A copy of the value; empty where there is none. */
    public byte[] valueBytes() {
        return copy(record.value());
    }

    /** A copy of the key; empty where there is none. */
    public byte[] keyBytes() {
        return copy(record.key());
    }

    /** The value as UTF-8 text; empty where there is none. */
    public String valueText() {
        return new String(valueBytes(), StandardCharsets.UTF_8);
    }

    private static @Nullable ByteBuffer view(@Nullable ByteBuffer bytes) {
        return bytes == null ? null : bytes.asReadOnlyBuffer();
    }

    private static byte[] copy(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            return new byte[0];
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }
}
