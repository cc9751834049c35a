package io.gq.core.store;

import io.gq.core.GroupId;
import java.io.IOException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Small tables of many groups: ordered byte keys within a group. A {@link Batch} is atomic: after a crash all of it is there or
 * none. Not durable until {@link #flush}. Safe for use by many threads; one writer a group.
 */
public interface StateStore extends AutoCloseable {

    byte @Nullable [] get(GroupId group, byte[] key);

    /** Calls back for each key of the group that starts with the prefix, in unsigned byte order. */
    void scan(GroupId group, byte[] prefix, BiConsumer<byte[], byte[]> consumer);

    /** Writes the batch atomically. Until it is flushed it may be lost, also without a crash: by a store that fails and recovers. */
    void write(Batch batch) throws IOException;

    /** Makes every batch durable that was written before the call and not lost. */
    void flush() throws IOException;

    /** Writes the batch atomically, durable when it returns. Where it throws, the batch may be there or not. */
    default void commit(Batch batch) throws IOException {
        write(batch);
        flush();
    }

    /** Deletes every key of the group, durably when it returns. */
    void deleteGroup(GroupId group) throws IOException;

    @Override
    void close() throws IOException;

    /** Changes of one group's tables. Not thread-safe. */
    interface Batch {
        Batch put(byte[] key, byte[] value);

        Batch delete(byte[] key);
    }

    Batch batch(GroupId group);
}
