package io.gq.testing;

import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The Raft log of a simulated replica: what it knows, and what of it is on disk. Appends and cuts reach the disk later, one by one, in
 * order, an append not before its payload is durable.
 */
final class SimulatedLog {

    /** @param command null: an entry of Raft's own */
    record Item(
            long term,
            long index,
            @Nullable ByteBuffer command,
            @Nullable ByteBuffer payload) {
        LogPosition position() {
            return new LogPosition(term, index);
        }

        Entry entry(ByteBuffer of) {
            return new Entry(term, index, of.asReadOnlyBuffer());
        }
    }

    /** @param item null: a cut at {@code index} */
    private record Task(long index, @Nullable Item item, CompletableFuture<Void> payloadDurable) {}

    private final List<Item> known = new ArrayList<>();
    private final List<Item> stored = new ArrayList<>();
    private final Deque<Task> tasks = new ArrayDeque<>();
    private LogPosition before = LogPosition.NONE;
    private long flushedIndex = -1;

    long startIndex() {
        return before.index() + 1;
    }

    LogPosition last() {
        return known.isEmpty() ? before : known.get(known.size() - 1).position();
    }

    /** Everything up to here is on disk. */
    long flushedIndex() {
        return flushedIndex;
    }

    @Nullable
    Item get(long index) {
        long at = index - startIndex();
        return at < 0 || at >= known.size() ? null : known.get((int) at);
    }

    /** The term at the index; -1 where it is not known. */
    long termAt(long index) {
        Item item = get(index);
        return item != null ? item.term() : index == before.index() ? before.term() : -1;
    }

    void append(Item item, CompletableFuture<Void> payloadDurable) {
        known.add(item);
        tasks.add(new Task(item.index(), item, payloadDurable));
    }

    void truncate(long index) {
        cut(known, index);
        tasks.add(new Task(index, null, CompletableFuture.completedFuture(null)));
        flushedIndex = Math.min(flushedIndex, index - 1);
    }

    /** Brings the next change to disk, where it may go; false where nothing could be done. */
    @SuppressWarnings("ReferenceEquality") // an entry that was cut and came again is equal, but another one
    boolean step() {
        Task task = tasks.peek();
        if (task == null || !task.payloadDurable.isDone() || task.payloadDurable.isCompletedExceptionally()) {
            return false;
        }
        tasks.remove();
        if (task.item == null) {
            cut(stored, task.index);
        } else if (task.index >= startIndex()) { // not purged before it was stored
            stored.add(task.item);
            if (get(task.index) == task.item) {
                flushedIndex = task.index;
            }
        }
        return true;
    }

    /** Why a payload could not be written: the log takes nothing more; null where all is well. */
    @Nullable
    Throwable failure() {
        for (Task task : tasks) {
            if (task.payloadDurable.isCompletedExceptionally()) {
                return task.payloadDurable.handle((done, cause) -> cause).join();
            }
        }
        return null;
    }

    /** Forgets everything up to the index. */
    void purge(LogPosition upTo) {
        if (upTo.index() >= startIndex()) {
            known.removeIf(i -> i.index() <= upTo.index());
            stored.removeIf(i -> i.index() <= upTo.index());
            before = upTo;
        }
    }

    /** Forgets everything: a snapshot takes its place. */
    void reset(LogPosition snapshot) {
        known.clear();
        stored.clear();
        tasks.clear();
        before = snapshot;
        flushedIndex = snapshot.index();
    }

    /** The process is gone: what is not on disk is lost. */
    void crash() {
        tasks.clear();
        known.clear();
        known.addAll(stored);
        flushedIndex = last().index();
    }

    /** What a machine is told when it opens. */
    LogTail tail() {
        List<Entry> commands = new ArrayList<>();
        for (Item item : stored) {
            ByteBuffer command = item.command();
            if (command != null) {
                commands.add(item.entry(command));
            }
        }
        return new LogTail(startIndex(), startIndex() + stored.size(), commands);
    }

    private static void cut(List<Item> items, long index) {
        items.removeIf(i -> i.index() >= index);
    }
}
