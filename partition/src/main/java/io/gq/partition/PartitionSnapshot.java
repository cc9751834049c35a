package io.gq.partition;

import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.partition.log.CommittedEntries;
import io.gq.partition.producer.ProducerState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** The source's side of a snapshot: frames made as they are asked for, of the state as it was when the snapshot was opened. */
final class PartitionSnapshot implements SnapshotReader {

    private static final int PRODUCERS_PER_FRAME = 4096;

    private final LogPosition position;
    private final CommittedEntries entries;
    private final Queue<ByteBuffer> ready = new ArrayDeque<>();
    private long entriesSent;
    private boolean ended;

    PartitionSnapshot(SnapshotFrames.Manifest manifest, Map<Long, ProducerState> producers, CommittedEntries entries) {
        this.position = manifest.position();
        this.entries = entries;
        ready.add(SnapshotFrames.manifest(manifest));
        Map<Long, ProducerState> part = new LinkedHashMap<>();
        for (Map.Entry<Long, ProducerState> p : producers.entrySet()) {
            part.put(p.getKey(), p.getValue());
            if (part.size() == PRODUCERS_PER_FRAME) {
                ready.add(SnapshotFrames.producers(part));
                part.clear();
            }
        }
        if (!part.isEmpty()) {
            ready.add(SnapshotFrames.producers(part));
        }
    }

    @Override
    public LogPosition position() {
        return position;
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
        if (ready.isEmpty() && !ended) {
            CommittedEntries.Stored stored = entries.next();
            if (stored == null) {
                ended = true;
                ready.add(SnapshotFrames.end(entriesSent));
            } else {
                entriesSent++;
                ready.add(SnapshotFrames.entry(stored.entry()));
                ByteBuffer payload = stored.payload();
                for (int at = 0; at < payload.limit(); at += SnapshotFrames.CHUNK_BYTES) {
                    ready.add(SnapshotFrames.chunk(
                            payload.slice(at, Math.min(SnapshotFrames.CHUNK_BYTES, payload.limit() - at))));
                }
            }
        }
        return ready.poll();
    }

    @Override
    public void close() {}
}
