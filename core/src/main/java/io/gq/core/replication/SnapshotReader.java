package io.gq.core.replication;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A snapshot as a sequence of frames in its state machine's own words, each checked by its own CRC. One thread. */
public interface SnapshotReader extends Closeable {

    /** The position the snapshot stands for. */
    LogPosition position();

    /** The next frame (at most about 1 MiB), null at the end. */
    @Nullable
    ByteBuffer next() throws IOException;
}
