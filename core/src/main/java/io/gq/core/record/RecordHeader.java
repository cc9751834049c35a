package io.gq.core.record;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A named value beside a record's own. A record may hold several of one key, in order.
 *
 * @param value position to limit
 */
public record RecordHeader(String key, @Nullable ByteBuffer value) {}
