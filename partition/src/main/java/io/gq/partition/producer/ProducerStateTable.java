package io.gq.partition.producer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The idempotent producers of a partition, the one longest silent first. Every change comes from an entry and depends on nothing
 * else, so all replicas hold the same table at the same index. Safe for use by many threads; changed by one.
 */
public final class ProducerStateTable {

    private static final byte VERSION = 1;
    private static final int BATCH_BYTES = 2 * Integer.BYTES + 2 * Long.BYTES;

    private final LinkedHashMap<Long, ProducerState> producers = new LinkedHashMap<>();
    private final Set<Long> changed = new LinkedHashSet<>();

    public synchronized @Nullable ProducerState find(long producerId) {
        return producers.get(producerId);
    }

    /** Remembers a committed batch. */
    public synchronized void append(long producerId, short epoch, AppendedBatch batch) {
        ProducerState before = producers.remove(producerId);
        producers.put(
                producerId, before == null ? new ProducerState(epoch, List.of(batch)) : before.with(epoch, batch));
        changed.add(producerId);
    }

    /** Forgets the producers longest silent until {@code producersMax} are left. */
    public synchronized void limit(int producersMax) {
        for (Iterator<Long> i = producers.keySet().iterator(); producers.size() > producersMax; ) {
            changed.add(i.next());
            i.remove();
        }
    }

    /** Forgets producers whose last batch is older than the time. */
    public synchronized void expire(long beforeMs) {
        producers.entrySet().removeIf(e -> {
            boolean expired = e.getValue().last().timestampMs() < beforeMs;
            if (expired) {
                changed.add(e.getKey());
            }
            return expired;
        });
    }

    /** True where {@link #expire} would forget one. */
    public synchronized boolean anyBefore(long beforeMs) {
        return producers.values().stream().anyMatch(p -> p.last().timestampMs() < beforeMs);
    }

    public synchronized int size() {
        return producers.size();
    }

    /** Every producer, in the order they are kept. */
    public synchronized Map<Long, ProducerState> all() {
        return new LinkedHashMap<>(producers);
    }

    /** Producers whose state changed since the last call; those that are gone included. */
    public synchronized List<Long> takeChanges() {
        List<Long> taken = new ArrayList<>(changed);
        changed.clear();
        return taken;
    }

    /** Changes that were taken are not stored after all. */
    public synchronized void putBack(List<Long> changes) {
        changed.addAll(changes);
    }

    /** Replaces everything; the order is made from the offsets of the last batches, which grow as producers append. */
    public synchronized void restore(Map<Long, ProducerState> all) {
        changed.addAll(producers.keySet());
        producers.clear();
        List<Map.Entry<Long, ProducerState>> sorted = new ArrayList<>(all.entrySet());
        sorted.sort((a, b) -> Long.compare(
                a.getValue().last().baseOffset(), b.getValue().last().baseOffset()));
        sorted.forEach(e -> producers.put(e.getKey(), e.getValue()));
        changed.addAll(producers.keySet());
    }

    /** One producer's state as bytes. */
    public static byte[] encode(ProducerState state) {
        ByteBuffer out = ByteBuffer.allocate(2 + Short.BYTES + state.batches().size() * BATCH_BYTES);
        out.put(VERSION).putShort(state.epoch()).put((byte) state.batches().size());
        for (AppendedBatch batch : state.batches()) {
            out.putInt(batch.baseSequence()).putInt(batch.lastSequence());
            out.putLong(batch.baseOffset()).putLong(batch.timestampMs());
        }
        return out.array();
    }

    /** Reads what {@link #encode} wrote, from the buffer's position, which moves behind it. */
    public static ProducerState decode(ByteBuffer in) {
        byte version = in.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("producer state version: " + version + " (expected: " + VERSION + ")");
        }
        short epoch = in.getShort();
        int count = in.get();
        List<AppendedBatch> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(new AppendedBatch(in.getInt(), in.getInt(), in.getLong(), in.getLong()));
        }
        return new ProducerState(epoch, batches);
    }
}
