package io.gq.raft;

import java.nio.ByteBuffer;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/** An entry on its way into the log, as the message of a request that never leaves the process. Wraps the caller's bytes, copies none. */
final class Proposal implements Message {

    private final ByteString command;
    private final @Nullable ByteString payload;
    private volatile boolean appending;

    Proposal(ByteBuffer command, @Nullable ByteBuffer payload) {
        this.command = UnsafeByteOperations.unsafeWrap(command);
        this.payload = payload == null || !payload.hasRemaining() ? null : UnsafeByteOperations.unsafeWrap(payload);
    }

    ByteString command() {
        return command;
    }

    /** Never empty: an entry without payload has none. */
    @Nullable
    ByteString payload() {
        return payload;
    }

    /** From here on nobody can say any more that the entry will never be committed. */
    void enterLog() {
        appending = true;
    }

    boolean enteredLog() {
        return appending;
    }

    @Override
    public ByteString getContent() {
        return command;
    }

    @Override
    public int size() {
        return command.size() + (payload == null ? 0 : payload.size());
    }

    @Override
    public String toString() {
        return "Proposal:" + size();
    }
}
