package io.gq.core.replication;

import java.nio.ByteBuffer;

/**
 * An entry of a Raft log as its state machine sees it.
 *
 * @param command the small header that lies in the Raft log; read-only, position 0 to limit; valid only during the call
 */
public record Entry(long term, long index, ByteBuffer command) {
    public LogPosition position() {
        return new LogPosition(term, index);
    }
}
