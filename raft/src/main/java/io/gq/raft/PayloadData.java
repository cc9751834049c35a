package io.gq.raft;

import io.gq.core.replication.PayloadStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
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
    private final LongAdder writes = new LongAdder();

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
        Stored stored = new Stored(entry.getIndex());
        CompletableFuture<Void> unused = written.whenComplete((nothing, failure) -> {
            if (failure == null) {
                writes.increment();
                stored.complete(null);
            } else {
                onWriteFailure.accept(failure);
                stored.completeExceptionally(failure);
            }
        });
        return stored;
    }

    /** Payloads written so far. */
    long writes() {
        return writes.sum();
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

    @Override
    public CompletableFuture<Void> flush(long index) {
        return store.flush(index);
    }

    /**
     * A payload on its way to the disk. Ratis' log thread waits for it before it lets the entry's header into its buffer: no header without
     * its payload, whatever fails. Who waits does the writing, for all that is to be written by then, so that no other thread need be woken.
     */
    private final class Stored extends CompletableFuture<Void> {

        private final long index;

        Stored(long index) {
            this.index = index;
        }

        @Override
        public Void get() throws InterruptedException, ExecutionException {
            CompletableFuture<Void> unused = store.flush(index);
            return super.get();
        }

        @Override
        public Void get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            CompletableFuture<Void> unused = store.flush(index);
            return super.get(timeout, unit);
        }
    }
}
