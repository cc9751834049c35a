package io.gq.core.record;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record as a reader meets it. Key, value and header values are slices of the batch it came from (of the unpacked bytes where
 * the batch is compressed): position 0 to limit, valid as long as that buffer is left alone.
 *
 * @param timestampMs the producer's time, or the broker's in a batch with log-append time
 */
@SuppressWarnings("JavaLangClash") // the field's word; java.lang.Record is never named in code
public record Record(
        long offset,
        long timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<RecordHeader> headers) {

    public Record {
        headers = List.copyOf(headers);
    }
}
