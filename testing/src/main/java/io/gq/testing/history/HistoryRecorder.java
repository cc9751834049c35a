package io.gq.testing.history;

import io.gq.core.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Collects a {@link History} from many threads. The clock must be one for all clients. */
public final class HistoryRecorder {

    private final LongSupplier nanoClock;
    private final ConcurrentMap<Integer, AtomicLong> sequences = new ConcurrentHashMap<>();
    private final Queue<Append> appends = new ConcurrentLinkedQueue<>();
    private final Queue<Invocation> open = new ConcurrentLinkedQueue<>();
    private final Queue<Read> reads = new ConcurrentLinkedQueue<>();
    private final Queue<EndRead> ends = new ConcurrentLinkedQueue<>();
    private final Queue<LogDump> dumps = new ConcurrentLinkedQueue<>();

    public HistoryRecorder(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Begins an append; called by the producing thread before it sends. The outcome may come from any thread, once. */
    public Invocation append(int process, TopicPartition partition, String value) {
        long sequence =
                sequences.computeIfAbsent(process, p -> new AtomicLong()).getAndIncrement();
        Invocation invocation = new Invocation(process, sequence, partition, value, nanoClock.getAsLong());
        open.add(invocation);
        return invocation;
    }

    public void read(Read read) {
        reads.add(read);
    }

    /** Begins a linearizable question for the end of a partition. */
    public long now() {
        return nanoClock.getAsLong();
    }

    /** @param invokeNs what {@link #now} said before the question was asked */
    public void end(String reader, TopicPartition partition, long invokeNs, long endOffset) {
        ends.add(new EndRead(reader, partition, invokeNs, nanoClock.getAsLong(), endOffset));
    }

    public void dump(LogDump dump) {
        dumps.add(dump);
    }

    /** What was recorded so far. An append whose outcome is still open counts as unknown. */
    public History history() {
        List<Append> all = new ArrayList<>(appends);
        for (Invocation invocation : open) {
            if (!invocation.closed.get()) {
                all.add(invocation.close(Append.Result.UNKNOWN, -1, -1));
            }
        }
        return new History(all, List.copyOf(reads), List.copyOf(ends), List.copyOf(dumps));
    }

    /** An append whose outcome is not known yet. A second outcome is ignored. */
    public final class Invocation {
        private final int process;
        private final long sequence;
        private final TopicPartition partition;
        private final String value;
        private final long invokeNs;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Invocation(int process, long sequence, TopicPartition partition, String value, long invokeNs) {
            this.process = process;
            this.sequence = sequence;
            this.partition = partition;
            this.value = value;
            this.invokeNs = invokeNs;
        }

        public void ok(long offset, long term) {
            record(Append.Result.OK, offset, term);
        }

        public void failed() {
            record(Append.Result.FAILED, -1, -1);
        }

        public void unknown() {
            record(Append.Result.UNKNOWN, -1, -1);
        }

        private void record(Append.Result result, long offset, long term) {
            Append append = close(result, offset, term);
            if (closed.compareAndSet(false, true)) {
                appends.add(append);
            }
        }

        private Append close(Append.Result result, long offset, long term) {
            return new Append(
                    process, sequence, partition, value, invokeNs, nanoClock.getAsLong(), result, offset, term);
        }
    }
}
