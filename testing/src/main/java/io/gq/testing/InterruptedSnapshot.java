package io.gq.testing;

import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A snapshot on a bad line. */
final class InterruptedSnapshot implements SnapshotReader {
    private final SnapshotReader snapshot;
    private final boolean damage;
    private final RandomGenerator random;
    private int framesLeft;

    InterruptedSnapshot(SnapshotReader snapshot, int framesMax, boolean damage, RandomGenerator random) {
        this.random = random;
        this.snapshot = snapshot;
        this.framesLeft = framesMax;
        this.damage = damage;
    }

    @Override
    public LogPosition position() {
        return snapshot.position();
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
        ByteBuffer frame = snapshot.next();
        if (framesLeft-- > 0 || frame == null) {
            return frame;
        }
        if (!damage) {
            throw new IOException("simulated: connection reset");
        }
        ByteBuffer damaged =
                ByteBuffer.allocate(frame.remaining()).put(frame.duplicate()).flip();
        int at = random.nextInt(damaged.limit());
        damaged.put(at, (byte) (damaged.get(at) ^ (1 << random.nextInt(8))));
        return damaged;
    }

    @Override
    public void close() throws IOException {
        snapshot.close();
    }
}
