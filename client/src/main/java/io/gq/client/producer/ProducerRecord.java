package io.gq.client.producer;

import io.gq.core.record.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A record to be written. Key, value and header values go from position to limit and are copied by {@link Producer#send}; the
 * buffers do not move.
 *
 * @param partition where to; empty: by the key's hash, without a key wherever a batch is open
 * @param timestampMs empty: when it is handed to the producer
 * @param deliveryTimeout from handing it over to its acknowledgement; empty: the producer's own
 */
public record ProducerRecord(
        String topic,
        OptionalInt partition,
        OptionalLong timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<RecordHeader> headers,
        Optional<Duration> deliveryTimeout) {

    public ProducerRecord {
        headers = List.copyOf(headers);
        if (partition.isPresent() && partition.getAsInt() < 0) {
            throw new IllegalArgumentException("partition: " + partition.getAsInt() + " (expected: >= 0)");
        }
        if (timestampMs.isPresent() && timestampMs.getAsLong() < 0) {
            throw new IllegalArgumentException("timestampMs: " + timestampMs.getAsLong() + " (expected: >= 0)");
        }
        if (deliveryTimeout.isPresent()
                && (deliveryTimeout.get().isZero() || deliveryTimeout.get().isNegative())) {
            throw new IllegalArgumentException("deliveryTimeout: " + deliveryTimeout.get() + " (expected: > 0)");
        }
    }

    /** A record without a key. */
    public static ProducerRecord of(String topic, byte[] value) {
        return of(topic, null, ByteBuffer.wrap(value));
    }

    public static ProducerRecord of(String topic, byte[] key, byte[] value) {
        return of(topic, ByteBuffer.wrap(key), ByteBuffer.wrap(value));
    }

    public static ProducerRecord of(String topic, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        return new ProducerRecord(
                topic, OptionalInt.empty(), OptionalLong.empty(), key, value, List.of(), Optional.empty());
    }

    /** A record of text, in UTF-8. */
    public static ProducerRecord ofText(String topic, String value) {
        return of(topic, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A record of text, in UTF-8. */
    public static ProducerRecord ofText(String topic, String key, String value) {
        return of(topic, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    public ProducerRecord toPartition(int number) {
        return new ProducerRecord(topic, OptionalInt.of(number), timestampMs, key, value, headers, deliveryTimeout);
    }

    public ProducerRecord at(long newTimestampMs) {
        return new ProducerRecord(
                topic, partition, OptionalLong.of(newTimestampMs), key, value, headers, deliveryTimeout);
    }

    /** With one more header. */
    public ProducerRecord header(String name, byte[] content) {
        List<RecordHeader> more = new ArrayList<>(headers);
        more.add(new RecordHeader(name, ByteBuffer.wrap(content)));
        return new ProducerRecord(topic, partition, timestampMs, key, value, more, deliveryTimeout);
    }

    public ProducerRecord within(Duration timeout) {
        return new ProducerRecord(topic, partition, timestampMs, key, value, headers, Optional.of(timeout));
    }
}
