package io.gq.partition.log;

import java.nio.ByteBuffer;

/**
 * What a read found.
 *
 * @param batches whole record batches end to end, read-only; empty where the offset is the high watermark or beyond. The first may
 *     begin before the offset that was asked for
 * @param nextOffset where to go on
 * @param highWatermark and {@code logStartOffset} at the time of the read
 */
public record Slice(ByteBuffer batches, long nextOffset, long highWatermark, long logStartOffset) {}
