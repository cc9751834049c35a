package io.gq.partition;

import io.gq.core.GroupId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.store.StateStore;
import io.gq.partition.log.LogCheckpoint;
import io.gq.partition.log.SegmentMark;
import io.gq.partition.log.SegmentName;
import io.gq.partition.producer.ProducerState;
import io.gq.partition.producer.ProducerStateTable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A partition's rows in the state store. One batch holds a whole checkpoint, so position, log and producers always fit together.
 *
 * <pre>
 *   c                           version u8, term i64, index i64, startOffset i64, highWatermark i64, timestampMs i64
 *   s  baseOffset generation    version u8, rows i32, bytes i64, endOffset i64          a segment, as far as it is covered
 *   u                           version u8, fromOffset i64                              an incomplete copy begins there
 *   t  baseOffset generation    as s                                                    a segment of the incomplete copy
 *   p  producerId               a producer's state
 * </pre>
 *
 * One thread.
 */
final class CheckpointStore {

    private static final byte VERSION = 1;
    private static final byte META = 'c';
    private static final byte SEGMENT = 's';
    private static final byte STAGED_FROM = 'u';
    private static final byte STAGED = 't';
    private static final byte PRODUCER = 'p';

    private final GroupId group;
    private final StateStore store;
    private final Map<SegmentName, SegmentMark> segments = new TreeMap<>();
    private final Map<SegmentName, SegmentMark> staged = new TreeMap<>();

    CheckpointStore(GroupId group, StateStore store) {
        this.group = group;
        this.store = store;
    }

    /** @param timestampMs of the last entry applied */
    record Meta(LogPosition position, long startOffset, long highWatermark, long timestampMs) {
        static final Meta NONE = new Meta(LogPosition.NONE, 0, 0, Long.MIN_VALUE);
    }

    /** What was stored. */
    record Loaded(Meta meta, LogCheckpoint log, Map<Long, ProducerState> producers) {}

    /**
     * @throws DamagedReplicaException where a row is not whole
     * @throws IllegalStateException where a newer version wrote one
     */
    Loaded load() throws DamagedReplicaException {
        try {
            return read();
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new DamagedReplicaException("checkpoint of group " + group + ": a row is not whole: " + e);
        }
    }

    private Loaded read() {
        byte[] metaRow = store.get(group, new byte[] {META});
        Meta meta = metaRow == null ? Meta.NONE : meta(metaRow);
        scan(SEGMENT, segments);
        scan(STAGED, staged);
        byte[] from = store.get(group, new byte[] {STAGED_FROM});
        LogCheckpoint log = new LogCheckpoint(
                meta.position().index(),
                meta.startOffset(),
                meta.highWatermark(),
                new ArrayList<>(segments.values()),
                from == null ? List.of() : new ArrayList<>(staged.values()),
                from == null ? 0 : versioned(from).getLong());
        Map<Long, ProducerState> producers = new HashMap<>();
        store.scan(
                group,
                new byte[] {PRODUCER},
                (key, value) -> producers.put(
                        ByteBuffer.wrap(key).getLong(1), ProducerStateTable.decode(ByteBuffer.wrap(value))));
        return new Loaded(meta, log, producers);
    }

    /** Stores a whole checkpoint, durable when it returns; an incomplete copy is forgotten where {@code keepStaged} is false. */
    void save(Meta meta, List<SegmentMark> marks, ProducerStateTable producers, boolean keepStaged) throws IOException {
        StateStore.Batch batch = store.batch(group);
        batch.put(new byte[] {META}, encode(meta));
        Map<SegmentName, SegmentMark> after = replace(batch, SEGMENT, segments, marks);
        if (!keepStaged) {
            batch.delete(new byte[] {STAGED_FROM});
            replace(batch, STAGED, staged, List.of());
        }
        List<Long> changes = producers.takeChanges();
        try {
            for (long id : changes) {
                ProducerState state = producers.find(id);
                byte[] key = ByteBuffer.allocate(1 + Long.BYTES)
                        .put(PRODUCER)
                        .putLong(id)
                        .array();
                if (state == null) {
                    batch.delete(key);
                } else {
                    batch.put(key, ProducerStateTable.encode(state));
                }
            }
            store.commit(batch);
        } catch (IOException | RuntimeException e) {
            producers.putBack(changes);
            throw e;
        }
        segments.clear();
        segments.putAll(after);
        if (!keepStaged) {
            staged.clear();
        }
    }

    /** Stores how far an incomplete copy came, durable when it returns. */
    void saveStaged(long fromOffset, List<SegmentMark> marks) throws IOException {
        StateStore.Batch batch = store.batch(group);
        batch.put(
                new byte[] {STAGED_FROM},
                ByteBuffer.allocate(1 + Long.BYTES)
                        .put(VERSION)
                        .putLong(fromOffset)
                        .array());
        Map<SegmentName, SegmentMark> after = replace(batch, STAGED, staged, marks);
        store.commit(batch);
        staged.clear();
        staged.putAll(after);
    }

    private static Map<SegmentName, SegmentMark> replace(
            StateStore.Batch batch, byte kind, Map<SegmentName, SegmentMark> before, List<SegmentMark> marks) {
        Map<SegmentName, SegmentMark> after = new LinkedHashMap<>();
        for (SegmentMark mark : marks) {
            after.put(mark.name(), mark);
            if (!mark.equals(before.get(mark.name()))) {
                batch.put(key(kind, mark.name()), encode(mark));
            }
        }
        before.keySet().stream()
                .filter(name -> !after.containsKey(name))
                .forEach(name -> batch.delete(key(kind, name)));
        return after;
    }

    private void scan(byte kind, Map<SegmentName, SegmentMark> into) {
        store.scan(group, new byte[] {kind}, (key, value) -> {
            ByteBuffer name = ByteBuffer.wrap(key, 1, key.length - 1);
            SegmentName segment = new SegmentName(name.getLong(), name.getInt());
            ByteBuffer in = versioned(value);
            into.put(segment, new SegmentMark(segment, in.getInt(), in.getLong(), in.getLong()));
        });
    }

    private static byte[] key(byte kind, SegmentName name) {
        return ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES)
                .put(kind)
                .putLong(name.baseOffset())
                .putInt(name.generation())
                .array();
    }

    private static byte[] encode(SegmentMark mark) {
        ByteBuffer out = ByteBuffer.allocate(1 + Integer.BYTES + 2 * Long.BYTES).put(VERSION);
        return out.putInt(mark.rows())
                .putLong(mark.bytes())
                .putLong(mark.endOffset())
                .array();
    }

    private static byte[] encode(Meta meta) {
        ByteBuffer out = ByteBuffer.allocate(1 + 5 * Long.BYTES).put(VERSION);
        out.putLong(meta.position().term()).putLong(meta.position().index());
        return out.putLong(meta.startOffset())
                .putLong(meta.highWatermark())
                .putLong(meta.timestampMs())
                .array();
    }

    private static Meta meta(byte[] row) {
        ByteBuffer in = versioned(row);
        return new Meta(new LogPosition(in.getLong(), in.getLong()), in.getLong(), in.getLong(), in.getLong());
    }

    private static ByteBuffer versioned(byte[] row) {
        ByteBuffer in = ByteBuffer.wrap(row);
        byte version = in.get();
        if (version != VERSION) {
            throw new IllegalStateException("checkpoint row version: " + version + " (expected: " + VERSION + ")");
        }
        return in;
    }
}
