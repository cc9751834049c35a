package io.gq.raft;

import io.gq.core.replication.Outcome;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * An entry on its way into the log, as the message of a request that never leaves the process. Wraps the caller's bytes, copies none.
 *
 * <p>It is answered once, by whoever comes first: the machine that applied it, Ratis, or the host that closes the group. Ratis alone does
 * not do: where it stops being the leader while the entry is applied, its answer to that one entry is lost.
 */
final class Proposal implements Message {

    private final ByteString command;
    private final @Nullable ByteString payload;
    private final Consumer<Proposal> closing;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile boolean appending;

    /** @param closing told once, before the outcome is */
    Proposal(ByteBuffer command, @Nullable ByteBuffer payload, Consumer<Proposal> closing) {
        this.command = UnsafeByteOperations.unsafeWrap(command);
        this.payload = payload == null || !payload.hasRemaining() ? null : UnsafeByteOperations.unsafeWrap(payload);
        this.closing = closing;
    }

    CompletableFuture<Outcome> outcome() {
        return outcome;
    }

    void answer(Outcome applied) {
        if (isFirst()) {
            outcome.complete(applied);
        }
    }

    void fail(RuntimeException cause) {
        if (isFirst()) {
            outcome.completeExceptionally(cause);
        }
    }

    boolean isAnswered() {
        return answered.get();
    }

    private boolean isFirst() {
        if (!answered.compareAndSet(false, true)) {
            return false;
        }
        closing.accept(this);
        return true;
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
