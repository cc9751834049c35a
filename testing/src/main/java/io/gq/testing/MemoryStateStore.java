package io.gq.testing;

import io.gq.core.GroupId;
import io.gq.core.store.StateStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StateStore} in memory that can lose what was not flushed: batches are lost whole, and never one without all that were
 * written after it.
 */
public final class MemoryStateStore implements StateStore {

    private final Map<GroupId, NavigableMap<byte[], byte[]>> tables = new HashMap<>();
    private final Map<GroupId, NavigableMap<byte[], byte[]>> flushed = new HashMap<>();
    private final List<Change> unflushed = new ArrayList<>();
    private boolean closed;
    private @Nullable IOException failure;

    @Override
    public synchronized byte @Nullable [] get(GroupId group, byte[] key) {
        checkOpen();
        byte[] value = table(tables, group).get(key);
        return value == null ? null : value.clone();
    }

    @Override
    public void scan(GroupId group, byte[] prefix, BiConsumer<byte[], byte[]> consumer) {
        List<Map.Entry<byte[], byte[]>> found = new ArrayList<>();
        synchronized (this) {
            checkOpen();
            for (Map.Entry<byte[], byte[]> entry :
                    table(tables, group).tailMap(prefix, true).entrySet()) {
                if (!startsWith(entry.getKey(), prefix)) {
                    break;
                }
                found.add(Map.entry(entry.getKey().clone(), entry.getValue().clone()));
            }
        }
        found.forEach(entry -> consumer.accept(entry.getKey(), entry.getValue()));
    }

    @Override
    public Batch batch(GroupId group) {
        return new MemoryBatch(group);
    }

    @Override
    public synchronized void write(Batch batch) throws IOException {
        change(new Change(((MemoryBatch) batch).group, List.copyOf(((MemoryBatch) batch).rows)));
    }

    @Override
    public synchronized void deleteGroup(GroupId group) throws IOException {
        change(new Change(group, null));
        flush();
    }

    @Override
    public synchronized void flush() throws IOException {
        checkOpen();
        checkHealthy();
        unflushed.forEach(change -> change.applyTo(flushed));
        unflushed.clear();
    }

    /** Closing keeps everything, as an orderly stop does, whether it was flushed or not: what was not may still be lost. */
    @Override
    public synchronized void close() {
        closed = true;
    }

    /** Loses everything that was not flushed. */
    public MemoryStateStore crash() {
        return crash(0);
    }

    /** Loses a part of what was not flushed: the last batches, how many is drawn. */
    public synchronized MemoryStateStore crash(RandomGenerator random) {
        return crash(random.nextInt(unflushed.size() + 1));
    }

    /** Every write and flush from here on fails with it; null: they work again. */
    public synchronized void fail(@Nullable IOException with) {
        this.failure = with;
    }

    /** How many batches a crash may lose. */
    public synchronized int unflushedBatches() {
        return unflushed.size();
    }

    /** This store is closed; the answer holds what survived. */
    private synchronized MemoryStateStore crash(int survivors) {
        closed = true;
        MemoryStateStore survived = new MemoryStateStore();
        for (Map<GroupId, NavigableMap<byte[], byte[]>> layer : List.of(survived.tables, survived.flushed)) {
            flushed.forEach((group, table) -> table(layer, group).putAll(table));
            unflushed.subList(0, survivors).forEach(change -> change.applyTo(layer));
        }
        return survived;
    }

    private void change(Change change) throws IOException {
        checkOpen();
        checkHealthy();
        change.applyTo(tables);
        unflushed.add(change);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("state store: closed");
        }
    }

    private void checkHealthy() throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    private static NavigableMap<byte[], byte[]> table(Map<GroupId, NavigableMap<byte[], byte[]>> layer, GroupId group) {
        return layer.computeIfAbsent(group, g -> new TreeMap<>(Arrays::compareUnsigned));
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** @param rows null: every row of the group goes */
    private record Change(GroupId group, @Nullable List<Row> rows) {

        void applyTo(Map<GroupId, NavigableMap<byte[], byte[]>> layer) {
            if (rows == null) {
                layer.remove(group);
                return;
            }
            NavigableMap<byte[], byte[]> table = table(layer, group);
            for (Row row : rows) {
                if (row.value == null) {
                    table.remove(row.key);
                } else {
                    table.put(row.key, row.value);
                }
            }
        }
    }

    /** Not a record: arrays are compared by the table alone. */
    private static final class Row {
        final byte[] key;
        final byte @Nullable [] value;

        Row(byte[] key, byte @Nullable [] value) {
            this.key = key;
            this.value = value;
        }
    }

    private static final class MemoryBatch implements Batch {
        private final GroupId group;
        private final List<Row> rows = new ArrayList<>();

        MemoryBatch(GroupId group) {
            this.group = group;
        }

        @Override
        public Batch put(byte[] key, byte[] value) {
            rows.add(new Row(key.clone(), value.clone()));
            return this;
        }

        @Override
        public Batch delete(byte[] key) {
            rows.add(new Row(key.clone(), null));
            return this;
        }
    }
}
