package io.gq.raft;

import io.gq.core.time.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.jspecify.annotations.Nullable;

/**
 * The door of one group for the appends of its leader. Entries go into the log one request after the other, in the order they came, and a
 * SUCCESS leaves only when it is true:
 *
 * <ul>
 *   <li>every request let in before has been dealt with, so that a truncation among them has reached the file;
 *   <li>the log is flushed up to the last entry of the request. Ratis gives entries that it holds in memory already no future of their
 *       own, so a request that was sent twice is otherwise acknowledged before its first copy is on disk, or although that failed;
 *   <li>the term is still the request's. A thread that was preempted between Ratis' check of the term and its append may have appended
 *       after this replica gave its vote to another.
 * </ul>
 *
 * <p>When a write of the log or its payload fails, the gate is closed before Ratis hears of it. Heartbeats carry nothing and pass by.
 */
final class AppendGate {

    /** What the gate has to know of its group. */
    interface Log {
        long flushIndex() throws IOException;

        long currentTerm() throws IOException;
    }

    /** Ratis' own way of appending. */
    interface Target {
        CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) throws IOException;
    }

    /** A change of the log that is no append, as a future that completes when it has reached the file. */
    interface Change {
        CompletableFuture<?> begin() throws IOException;
    }

    private static final Duration FLUSH_POLL = Duration.ofMillis(1);
    private static final int FLUSH_POLLS_MAX = 30_000;

    private final String group;
    private final Log log;
    private final Scheduler scheduler;
    private CompletableFuture<Void> previous = CompletableFuture.completedFuture(null);
    private final Map<Object, CompletableFuture<AppendEntriesReplyProto>> outstanding = new ConcurrentHashMap<>();
    private volatile @Nullable String closedReason;
    private volatile boolean open;

    AppendGate(String group, Log log, Scheduler scheduler) {
        this.group = group;
        this.log = log;
        this.scheduler = scheduler;
    }

    /**
     * The group has started: requests may come in. One that comes earlier, a vote above all, changes the role of a server that is about
     * to take its first one: Ratis then refuses to start it and keeps the lock on its directory.
     */
    void open() {
        open = true;
    }

    /** Nothing comes in and no SUCCESS goes out any more; who waits is told, for a log that is closed answers nobody. */
    void close(String reason) {
        closedReason = reason;
        for (CompletableFuture<AppendEntriesReplyProto> waiting : List.copyOf(outstanding.values())) {
            waiting.completeExceptionally(new ServerNotReadyException("group " + group + " is closed: " + reason));
        }
    }

    void checkOpen() throws ServerNotReadyException {
        String reason = closedReason;
        if (reason != null) {
            throw new ServerNotReadyException("group " + group + " is closed: " + reason);
        }
        if (!open) {
            throw new ServerNotReadyException("group " + group + " is starting");
        }
    }

    CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request, Target target)
            throws IOException {
        checkOpen();
        if (request.getEntriesCount() == 0) {
            return target.append(request);
        }
        CompletableFuture<AppendEntriesReplyProto> reply;
        CompletableFuture<Void> before;
        synchronized (this) {
            checkOpen();
            if (request.getLeaderTerm() < log.currentTerm()) {
                reply = target.append(request); // Ratis words the refusal; the entries are not touched
                return reply.thenApply(this::refusalOnly);
            }
            before = previous;
            reply = target.append(request);
            previous = CompletableFuture.allOf(before, reply.handle((done, failure) -> null));
        }
        return outstanding(
                before.thenCombine(reply, (nothing, done) -> done).thenCompose(done -> release(request, done)));
    }

    /**
     * Makes a change in its place among the requests: no append runs meanwhile, and none that comes later is acknowledged before it.
     *
     * @return completes as the change does, and after all requests and changes before it have been dealt with
     */
    synchronized CompletableFuture<?> between(Change change) throws IOException {
        checkOpen();
        CompletableFuture<?> changed = change.begin();
        CompletableFuture<?> inTurn = previous.thenCombine(changed, (nothing, done) -> done);
        previous = CompletableFuture.allOf(previous, changed.handle((done, failure) -> null));
        return inTurn;
    }

    @SuppressWarnings("CollectionUndefinedEquality") // the very future is meant
    private CompletableFuture<AppendEntriesReplyProto> outstanding(CompletableFuture<AppendEntriesReplyProto> reply) {
        CompletableFuture<AppendEntriesReplyProto> answer = new CompletableFuture<>();
        Object key = new Object();
        outstanding.put(key, answer);
        CompletableFuture<?> unused = reply.whenComplete((done, failure) -> {
            if (failure == null) {
                answer.complete(done);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        unused = answer.whenComplete((done, failure) -> outstanding.remove(key));
        String reason = closedReason;
        if (reason != null) {
            close(reason); // closed since the request was let in
        }
        return answer;
    }

    private AppendEntriesReplyProto refusalOnly(AppendEntriesReplyProto reply) {
        if (reply.getResult() == AppendResult.SUCCESS) {
            throw new CompletionException(new ServerNotReadyException("group " + group + ": the term is over"));
        }
        return reply;
    }

    private CompletableFuture<AppendEntriesReplyProto> release(
            AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
        if (reply.getResult() != AppendResult.SUCCESS) {
            return CompletableFuture.completedFuture(reply);
        }
        CompletableFuture<AppendEntriesReplyProto> released = new CompletableFuture<>();
        releaseWhenFlushed(request, reply, released, 0);
        return released;
    }

    private void releaseWhenFlushed(
            AppendEntriesRequestProto request,
            AppendEntriesReplyProto reply,
            CompletableFuture<AppendEntriesReplyProto> released,
            int polls) {
        try {
            checkOpen();
            if (log.currentTerm() != request.getLeaderTerm()) {
                throw new ServerNotReadyException("group " + group + ": the term is over");
            }
            if (log.flushIndex() >= reply.getMatchIndex()) {
                released.complete(reply);
            } else if (polls == FLUSH_POLLS_MAX) {
                throw new ServerNotReadyException("group " + group + ": not flushed up to " + reply.getMatchIndex());
            } else {
                scheduler.after(FLUSH_POLL, () -> releaseWhenFlushed(request, reply, released, polls + 1));
            }
        } catch (IOException | RuntimeException e) {
            released.completeExceptionally(e);
        }
    }
}
