package io.gq.raft;

import io.gq.core.replication.PayloadStore;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.statemachine.StateMachine.DataApi;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/** Hands the payload of entries to the machine's store, so that the Raft log holds headers only. */
final class PayloadData implements DataApi {

    /** A stored payload could not be read back. */
    static final class ReadFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ReadFailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final PayloadStore store;
    private final Consumer<Throwable> onWriteFailure;

    /**
     * @param onWriteFailure called before the failure becomes visible to Ratis, whose log fails but leaves the group standing
     */
    PayloadData(PayloadStore store, Consumer<Throwable> onWriteFailure) {
        this.store = store;
        this.onWriteFailure = onWriteFailure;
    }

    @Override
    public CompletableFuture<?> write(LogEntryProto entry, @Nullable TransactionContext context) {
        StateMachineLogEntryProto body = entry.getStateMachineLogEntry();
        CompletableFuture<Void> written;
        try {
            written = store.write(
                    entry.getTerm(),
                    entry.getIndex(),
                    body.getLogData().asReadOnlyByteBuffer(),
                    body.getStateMachineEntry().getStateMachineData().asReadOnlyByteBuffer());
        } catch (RuntimeException e) {
            written = CompletableFuture.failedFuture(e);
        }
        return written.whenComplete((nothing, failure) -> {
            if (failure != null) {
                onWriteFailure.accept(failure);
            }
        });
    }

    @Override
    public CompletableFuture<ByteString> read(LogEntryProto entry, @Nullable TransactionContext context) {
        if (context != null) {
            ByteString held =
                    context.getStateMachineLogEntry().getStateMachineEntry().getStateMachineData();
            if (!held.isEmpty()) {
                return CompletableFuture.completedFuture(held);
            }
        }
        return store.read(entry.getTerm(), entry.getIndex())
                .thenApply(UnsafeByteOperations::unsafeWrap)
                .exceptionally(e -> {
                    throw new ReadFailedException("payload of index " + entry.getIndex() + " cannot be read", e);
                });
    }

    /** @param index the first to drop: in Ratis 3.3.0 inclusive, whatever its documentation says */
    @Override
    public CompletableFuture<Void> truncate(long index) {
        store.truncate(index);
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Ratis calls this before the headers of the entries leave its buffer, and looks at the future only after it has written them. So a
     * failure is thrown, as the I/O error that the caller deals with although it is not declared: no header without its payload.
     */
    @Override
    public CompletableFuture<Void> flush(long index) {
        CompletableFuture<Void> flushed = store.flush(index);
        try {
            flushed.join();
        } catch (CompletionException e) {
            throw PayloadData.<RuntimeException>undeclared(new IOException("payload is not stored", e.getCause()));
        }
        return flushed;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // what the caller declares to throw
    private static <E extends Exception> E undeclared(IOException failure) throws E {
        throw (E) failure;
    }
}
