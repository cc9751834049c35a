package io.gq.partition;

import io.gq.core.Invariant;
import io.gq.core.record.RecordBatch;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.PayloadStore;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import io.gq.partition.append.Appended;
import io.gq.testing.history.LogDump;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Bugs a broker of this kind may have, put around a partition that has none. */
final class PlantedBugs {

    private PlantedBugs() {}

    private static PartitionCommand.@Nullable Append decoded(ByteBuffer command) {
        try {
            return CommandCodec.decode(command.duplicate()) instanceof PartitionCommand.Append append ? append : null;
        } catch (CommandCodec.MalformedCommandException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One replica's apply leaves out every so many entries: what is in them is never shown there. */
    static final class SkippedEntries extends RecordedWorkload {

        private static final int REPLICA = 1;
        private static final int EVERY = 19;

        private final TreeMap<Long, Long> skipped = new TreeMap<>();

        @Override
        StateMachine plant(int replica, PartitionStateMachine partition) {
            return new ForwardingStateMachine(partition) {
                @Override
                public Outcome apply(Entry entry) {
                    PartitionCommand.Append append = decoded(entry.command());
                    if (replica == REPLICA && append != null && entry.index() % EVERY == 0) {
                        skipped.put(append.baseOffset(), append.endOffset());
                    }
                    return partition.apply(entry);
                }

                @Override
                public LogPosition install(SnapshotReader snapshot) throws IOException {
                    LogPosition installed = partition.install(snapshot);
                    if (replica == REPLICA) {
                        skipped.clear();
                    }
                    return installed;
                }

                @Override
                List<LogDump.Row> shown(List<LogDump.Row> rows) {
                    return replica == REPLICA
                            ? rows.stream().filter(r -> !isSkipped(r.offset())).toList()
                            : rows;
                }
            };
        }

        private boolean isSkipped(long offset) {
            Map.Entry<Long, Long> range = skipped.floorEntry(offset);
            return range != null && offset < range.getValue();
        }

        @Override
        List<LogDump.Row> serve(StateMachine machine, long offset) {
            return ((ForwardingStateMachine) machine).shown(super.serve(machine, offset));
        }
    }

    /** Readers are given what was merely taken. */
    static final class ReadsPastHighWatermark extends RecordedWorkload {

        private static final class Generous extends ForwardingStateMachine {
            final TreeMap<Long, List<LogDump.Row>> taken = new TreeMap<>();

            Generous(PartitionStateMachine partition) {
                super(partition);
            }

            @Override
            public PayloadStore payloads() {
                return new ForwardingPayloads(partition.payloads()) {
                    @Override
                    public CompletableFuture<Void> write(
                            long term, long index, ByteBuffer command, ByteBuffer payload) {
                        taken.tailMap(index, true).clear();
                        taken.put(index, rows(payload, 0));
                        return super.write(term, index, command, payload);
                    }

                    @Override
                    public void truncate(long index) {
                        taken.tailMap(index, true).clear();
                        super.truncate(index);
                    }
                };
            }

            List<LogDump.Row> uncommitted(long offset) {
                long from = Math.max(offset, partition.highWatermark());
                return taken.values().stream()
                        .flatMap(List::stream)
                        .filter(r -> r.offset() >= from)
                        .toList();
            }
        }

        @Override
        StateMachine plant(int replica, PartitionStateMachine partition) {
            return new Generous(partition);
        }

        @Override
        List<LogDump.Row> serve(StateMachine machine, long offset) {
            List<LogDump.Row> rows = new ArrayList<>();
            if (offset < super.end(machine)) {
                rows.addAll(super.serve(machine, offset));
            }
            if (rows.isEmpty() || rows.get(rows.size() - 1).offset() + 1 == super.end(machine)) {
                rows.addAll(((Generous) machine).uncommitted(offset));
            }
            return rows;
        }

        @Override
        long end(StateMachine machine) {
            List<LogDump.Row> rows = ((Generous) machine).uncommitted(0);
            return rows.isEmpty()
                    ? super.end(machine)
                    : rows.get(rows.size() - 1).offset() + 1;
        }
    }

    /** A snapshot leaves the producers out. */
    static final class SnapshotsWithoutProducers extends RecordedWorkload {
        @Override
        StateMachine plant(int replica, PartitionStateMachine partition) {
            return new ForwardingStateMachine(partition) {
                @Override
                public SnapshotReader snapshot(ByteBuffer held) throws IOException {
                    return new WithoutProducers(partition.snapshot(held));
                }
            };
        }
    }

    record WithoutProducers(SnapshotReader snapshot) implements SnapshotReader {
        @Override
        public LogPosition position() {
            return snapshot.position();
        }

        @Override
        public @Nullable ByteBuffer next() throws IOException {
            ByteBuffer frame = snapshot.next();
            while (frame != null && SnapshotFrames.decode(frame).kind() == SnapshotFrames.Kind.PRODUCERS) {
                frame = snapshot.next();
            }
            return frame;
        }

        @Override
        public void close() throws IOException {
            snapshot.close();
        }
    }

    /**
     * A new leader gives offsets from what it has applied on, not from its log's end, and storage lets the later entry have the place of
     * the earlier.
     */
    static final class OffsetsUsedAgain extends RecordedWorkload {

        private final Map<ReplicatedGroup, long[]> termAndOffset = new HashMap<>();

        @Override
        StateMachine plant(int replica, PartitionStateMachine partition) {
            return new Overwriting(partition);
        }

        @Override
        boolean repeats() {
            return false; // its leaders know nothing of producers
        }

        @Override
        boolean leads(Replica replica) {
            return replica.group().leadership().role() == Leadership.Role.LEADER;
        }

        @Override
        CompletableFuture<Appended> append(Replica replica, ByteBuffer batch) {
            long term = replica.group().leadership().term();
            long[] mine = termAndOffset.computeIfAbsent(replica.group(), r -> new long[] {-1, 0});
            if (mine[0] != term) {
                mine[0] = term;
                mine[1] = partition(replica.machine()).appliedOffset();
            }
            long offset = mine[1];
            batch.putLong(0, offset).putInt(12, (int) term);
            CRC32C crc = new CRC32C();
            crc.update(batch.duplicate());
            BatchDescriptor descriptor = BatchDescriptor.of(RecordBatch.at(batch, 0));
            var append = new PartitionCommand.Append(
                    1,
                    term,
                    offset,
                    offset + descriptor.offsets(),
                    batch.remaining(),
                    (int) crc.getValue(),
                    10_000,
                    List.of(descriptor));
            CompletableFuture<Outcome> answer = replica.group().propose(CommandCodec.encode(append), batch);
            if (!answer.isCompletedExceptionally()) {
                mine[1] = append.endOffset();
            } else {
                mine[0] = -1;
            }
            return answer.thenApply(outcome -> new Appended(offset, term, false, Appended.NO_TIME));
        }
    }

    /** Where an entry's offsets are taken, the entry that had them goes. */
    private static final class Overwriting extends ForwardingStateMachine {

        private final TreeMap<Long, PartitionCommand.Append> written = new TreeMap<>();
        private final Set<Long> overwritten = new TreeSet<>();

        Overwriting(PartitionStateMachine partition) {
            super(partition);
        }

        @Override
        public LogPosition open(LogTail tail) throws IOException, DamagedReplicaException {
            for (Entry entry : tail.commands()) {
                PartitionCommand.Append append = decoded(entry.command());
                if (append != null) {
                    take(entry.index(), append);
                }
            }
            List<Entry> kept = tail.commands().stream()
                    .filter(e -> !overwritten.contains(e.index()))
                    .toList();
            return partition.open(new LogTail(tail.startIndex(), tail.endIndex(), kept));
        }

        /** The first entry that had to go, or -1. */
        private long take(long index, PartitionCommand.Append append) {
            forget(index);
            Set<Long> gone = new HashSet<>();
            written.forEach((other, had) -> {
                if (had.endOffset() > append.baseOffset()) {
                    gone.add(other);
                }
            });
            written.keySet().removeAll(gone);
            overwritten.addAll(gone);
            written.put(index, append);
            return gone.stream().min(Long::compare).orElse(-1L);
        }

        private void forget(long index) {
            written.tailMap(index, true).clear();
            overwritten.removeIf(i -> i >= index);
        }

        @Override
        public @Nullable String verify(long term, ByteBuffer command) {
            return null;
        }

        @Override
        public Outcome apply(Entry entry) {
            if (overwritten.contains(entry.index())) {
                partition.skip(entry.position());
                return Outcome.DONE;
            }
            return partition.apply(entry);
        }

        @Override
        public PayloadStore payloads() {
            return new ForwardingPayloads(partition.payloads()) {
                @Override
                public CompletableFuture<Void> write(long term, long index, ByteBuffer command, ByteBuffer payload) {
                    PartitionCommand.Append append = decoded(command);
                    Invariant.check(append != null, "entry %d has no batches", index);
                    long first = take(index, append);
                    if (first >= 0) {
                        super.truncate(first);
                    }
                    return super.write(term, index, command, payload);
                }

                @Override
                public void truncate(long index) {
                    forget(index);
                    super.truncate(index);
                }
            };
        }
    }
}
