package io.gq.partition;

import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.Invariant;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.PayloadStore;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import io.gq.core.store.StateStore;
import io.gq.partition.CommandCodec.MalformedCommandException;
import io.gq.partition.log.CommittedEntries;
import io.gq.partition.log.DiskFlusher;
import io.gq.partition.log.LogListener;
import io.gq.partition.log.LogScrub;
import io.gq.partition.log.LogVerdict;
import io.gq.partition.log.LogVerification;
import io.gq.partition.log.SegmentInfo;
import io.gq.partition.log.SegmentMark;
import io.gq.partition.log.SegmentedLog;
import io.gq.partition.log.Slice;
import io.gq.partition.log.StagedLog;
import io.gq.partition.log.StoredEntry;
import io.gq.partition.log.TimestampOffset;
import io.gq.partition.producer.AppendedBatch;
import io.gq.partition.producer.ProducerStateTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of a partition. What an entry means was decided before it was logged: applying an APPEND moves the high watermark over
 * the batches that the {@link PayloadStore} wrote and remembers their producers; applying a TRIM moves the log start.
 *
 * <p>The state between checkpoints is in memory and comes back by replay; a checkpoint is one batch of the state store, written after
 * the segments it speaks of are durable.
 */
public final class PartitionStateMachine implements StateMachine, PartitionView {

    /** {@link #leaderTerm} of a replica that does not lead. */
    public static final long NOT_LEADING = -1;

    private static final Logger LOG = LoggerFactory.getLogger(PartitionStateMachine.class);

    private final GroupId group;
    private final Path directory;
    private final StorageFiles files;
    private final DiskFlusher flusher;
    private final PartitionMetrics metrics;
    private final ReplicaListener listener;
    private final CheckpointStore checkpoints;
    private final ProducerStateTable producers = new ProducerStateTable();
    private final List<LongConsumer> highWatermarkListeners = new CopyOnWriteArrayList<>();
    private final List<LeadershipListener> leadershipListeners = new CopyOnWriteArrayList<>();
    private final Object state = new Object();

    private volatile PartitionConfig config;
    private volatile @Nullable SegmentedLog log;
    private volatile @Nullable PartitionPayloads payloads;
    private volatile LogPosition applied = LogPosition.NONE;
    private volatile LogPosition checkpointed = LogPosition.NONE;
    private volatile long leaderTerm = NOT_LEADING;
    private volatile long committedOffset;
    private volatile long lastTimestampMs = Long.MIN_VALUE;

    /**
     * @param directory holds the segments, and nothing else
     * @param store holds the checkpoint, under the group's id
     */
    public PartitionStateMachine(
            GroupId group,
            Path directory,
            StorageFiles files,
            DiskFlusher flusher,
            StateStore store,
            PartitionConfig config,
            PartitionMetrics metrics,
            ReplicaListener listener) {
        this.group = group;
        this.directory = directory;
        this.files = files;
        this.flusher = flusher;
        this.checkpoints = new CheckpointStore(group, store);
        this.config = config;
        this.metrics = metrics;
        this.listener = listener;
    }

    // ---- lifecycle

    @Override
    public LogPosition open(LogTail tail) throws IOException, DamagedReplicaException {
        CheckpointStore.Loaded loaded = checkpoints.load();
        LogPosition position = loaded.meta().position();
        checkFollows(tail, position);
        SegmentedLog opened = SegmentedLog.open(
                directory,
                files,
                flusher,
                new LogEvents(),
                config.log(),
                loaded.log(),
                stored(tail, position.index()),
                tail.startIndex());
        producers.restore(loaded.producers());
        committedOffset = loaded.meta().highWatermark();
        lastTimestampMs = loaded.meta().timestampMs();
        applied = position;
        checkpointed = position;
        log = opened;
        payloads = new PartitionPayloads(opened);
        LOG.info(
                "partition opened group={} checkpoint={} logStart={} highWatermark={} logEnd={}",
                group,
                position,
                opened.startOffset(),
                opened.highWatermark(),
                opened.endOffset());
        return position;
    }

    static void checkFollows(LogTail tail, LogPosition checkpoint) throws DamagedReplicaException {
        if (tail.startIndex() > checkpoint.index() + 1) {
            throw new DamagedReplicaException("the Raft log begins at index " + tail.startIndex()
                    + " (expected: at most the index after the checkpoint " + checkpoint + ")");
        }
    }

    /** What the log says of the payload of its entries after the index. */
    static List<StoredEntry> stored(LogTail tail, long afterIndex) throws IOException {
        List<StoredEntry> stored = new ArrayList<>();
        for (Entry entry : tail.commands()) {
            if (entry.index() > afterIndex) {
                try {
                    if (CommandCodec.decode(entry.command()) instanceof PartitionCommand.Append append) {
                        stored.add(append.stored(entry.term(), entry.index()));
                    }
                } catch (MalformedCommandException e) {
                    if (e.unknown()) {
                        // not damage: a newer version finds everything here
                        throw new IOException("entry " + entry.index() + " of the Raft log: " + e.getMessage(), e);
                    }
                    LOG.warn("entry without meaning index={} cause=\"{}\"", entry.index(), e.getMessage());
                }
            }
        }
        return stored;
    }

    @Override
    public void close() throws IOException {
        follow();
        SegmentedLog open = log;
        if (open != null) {
            open.close();
        }
    }

    /** Takes effect at once; no entry of the Raft log depends on it. */
    public void reconfigure(PartitionConfig newConfig) {
        config = newConfig;
        SegmentedLog open = log;
        if (open != null) {
            open.reconfigure(newConfig.log());
        }
    }

    // ---- the replicated machine

    @Override
    public Outcome apply(Entry entry) {
        if (entry.index() <= applied.index()) {
            return Outcome.DONE;
        }
        Outcome outcome;
        synchronized (state) {
            outcome = apply(decode(entry));
            applied = entry.position();
        }
        log().commit(entry.index(), committedOffset);
        leadershipListeners.forEach(LeadershipListener::applied);
        return outcome;
    }

    private Outcome apply(@Nullable PartitionCommand command) {
        if (command == null) {
            return Outcome.rejected(ErrorCode.INVALID_REQUEST, "command: malformed");
        }
        lastTimestampMs = Math.max(lastTimestampMs, command.timestampMs());
        if (command instanceof PartitionCommand.Append append) {
            return append(append);
        }
        return trim((PartitionCommand.Trim) command);
    }

    private @Nullable PartitionCommand decode(Entry entry) {
        try {
            return CommandCodec.decode(entry.command());
        } catch (MalformedCommandException e) {
            Invariant.check(!e.unknown(), "group %s, entry %d: %s", group, entry.index(), e.getMessage());
            return null;
        }
    }

    private Outcome append(PartitionCommand.Append append) {
        Invariant.check(
                append.baseOffset() == committedOffset,
                "group %s: entry at offset %d (expected: the high watermark %d)",
                group,
                append.baseOffset(),
                committedOffset);
        long offset = append.baseOffset();
        for (BatchDescriptor batch : append.batches()) {
            if (batch.idempotent()) {
                int lastSequence = AppendedBatch.lastSequence(batch.baseSequence(), batch.offsets());
                producers.append(
                        batch.producerId(),
                        batch.producerEpoch(),
                        new AppendedBatch(batch.baseSequence(), lastSequence, offset, lastTimestampMs));
            }
            offset += batch.offsets();
        }
        producers.limit(append.producersMax());
        committedOffset = append.endOffset();
        metrics.committed(append.batches().size(), append.endOffset() - append.baseOffset(), append.payloadBytes());
        return Outcome.DONE;
    }

    private Outcome trim(PartitionCommand.Trim trim) {
        log().trim(trim.startOffset());
        producers.expire(trim.producersBeforeMs());
        return Outcome.done(ByteBuffer.allocate(Long.BYTES).putLong(0, log().startOffset()));
    }

    @Override
    public void skip(LogPosition position) {
        if (position.index() > applied.index()) {
            synchronized (state) {
                applied = position;
            }
            log().commit(position.index(), committedOffset);
            leadershipListeners.forEach(LeadershipListener::applied);
        }
    }

    @Override
    public LogPosition applied() {
        return applied;
    }

    @Override
    public @Nullable String verify(long term, ByteBuffer command) {
        try {
            PartitionCommand decoded = CommandCodec.decode(command);
            if (decoded instanceof PartitionCommand.Append append
                    && (append.baseOffset() != log().endOffset() || append.term() != term)) {
                return "entry at offset " + append.baseOffset() + " of term " + append.term() + " (expected: "
                        + log().endOffset() + ", " + term + ")";
            }
            return null;
        } catch (MalformedCommandException e) {
            return e.getMessage();
        }
    }

    @Override
    public PayloadStore payloads() {
        PartitionPayloads open = payloads;
        Invariant.check(open != null, "group %s: not open", group);
        return Objects.requireNonNull(open);
    }

    // ---- leadership

    @Override
    public void lead(long term) {
        leaderTerm = term;
        leadershipListeners.forEach(LeadershipListener::leadershipChanged);
    }

    @Override
    public void follow() {
        leaderTerm = NOT_LEADING;
        leadershipListeners.forEach(LeadershipListener::leadershipChanged);
    }

    /** The term this replica leads, with every entry of earlier terms applied; else {@link #NOT_LEADING}. */
    public long leaderTerm() {
        return leaderTerm;
    }

    /** @return ends the calls */
    public Runnable onLeadership(LeadershipListener newListener) {
        leadershipListeners.add(newListener);
        newListener.leadershipChanged();
        return () -> leadershipListeners.remove(newListener);
    }

    /** Where the applied entries end: at the log end where nothing is in flight. */
    public long appliedOffset() {
        return committedOffset;
    }

    /** Time of the last applied entry; {@code Long.MIN_VALUE} where there is none. */
    public long lastTimestampMs() {
        return lastTimestampMs;
    }

    /** Producers as of the applied state. */
    public ProducerStateTable producers() {
        return producers;
    }

    // ---- durable states

    @Override
    public LogPosition checkpoint() throws IOException {
        List<SegmentMark> marks = log().sync();
        StagedLog staged = log().staged().orElse(null);
        boolean keepStaged = staged != null && staged.fromOffset() >= committedOffset;
        save(marks, keepStaged);
        if (staged != null && !keepStaged) {
            log().unstage();
        }
        metrics.checkpointed();
        return checkpointed;
    }

    private void save(List<SegmentMark> marks, boolean keepStaged) throws IOException {
        long startOffset = log().startOffset();
        checkpoints.save(
                new CheckpointStore.Meta(applied, startOffset, committedOffset, lastTimestampMs),
                marks,
                producers,
                keepStaged);
        checkpointed = applied;
        log().checkpointed(applied.index(), startOffset);
    }

    @Override
    public LogPosition checkpointed() {
        return checkpointed;
    }

    @Override
    public ByteBuffer held() {
        return Held.of(log(), checkpointed.index()).encode();
    }

    @Override
    public SnapshotReader snapshot(ByteBuffer held) throws IOException {
        Held receiver = Held.decode(held);
        synchronized (state) {
            long startOffset = log().startOffset();
            long fromOffset = receiver.copyFrom(startOffset, committedOffset);
            SnapshotFrames.Manifest manifest =
                    new SnapshotFrames.Manifest(applied, startOffset, committedOffset, lastTimestampMs, fromOffset);
            return new PartitionSnapshot(
                    manifest, producers.all(), new CommittedEntries(log(), fromOffset, committedOffset));
        }
    }

    @Override
    public LogPosition install(SnapshotReader snapshot) throws IOException {
        if (snapshot.position().index() <= applied.index()) {
            return checkpoint();
        }
        SnapshotInstaller installer = new SnapshotInstaller(log(), checkpoints, snapshot);
        SnapshotFrames.Manifest manifest;
        try {
            manifest = installer.copy();
        } catch (IOException e) {
            if (installer.storageFailed()) {
                listener.storageFailed(e);
            }
            throw e;
        }
        synchronized (state) {
            committedOffset = manifest.highWatermark();
            lastTimestampMs = manifest.timestampMs();
            producers.restore(installer.producers());
            applied = manifest.position();
        }
        log().adopt(applied.index(), manifest.startOffset(), committedOffset);
        try {
            save(log().sync(), false);
        } catch (IOException e) {
            listener.storageFailed(e); // it is ahead of what Raft knows
            throw e;
        }
        LOG.info(
                "snapshot installed group={} position={} logStart={} highWatermark={}",
                group,
                applied,
                manifest.startOffset(),
                committedOffset);
        return applied;
    }

    // ---- the readers' view

    @Override
    public GroupId group() {
        return group;
    }

    @Override
    public long logStartOffset() {
        return log().startOffset();
    }

    @Override
    public long highWatermark() {
        return log().highWatermark();
    }

    @Override
    public long logEndOffset() {
        return log().endOffset();
    }

    @Override
    public long bytes() {
        return log().bytes();
    }

    @Override
    public List<SegmentInfo> segments() {
        return log().infos();
    }

    @Override
    public PartitionConfig config() {
        return config;
    }

    @Override
    public Slice read(long offset, int bytesMax) {
        return log().read(offset, bytesMax);
    }

    @Override
    public Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        return log().find(timestampMs);
    }

    @Override
    public PartitionDigest digest() {
        long startOffset = log().startOffset();
        long endOffset = log().highWatermark();
        long[] batches = {0};
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            log().visit(batch -> {
                sha.update(batch);
                batches[0]++;
            });
            return new PartitionDigest(
                    startOffset, endOffset, batches[0], HexFormat.of().formatHex(sha.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public LogScrub scrub() {
        return new LogScrub(log(), LogScrub.Visitor.NONE);
    }

    @Override
    public LogVerdict verify(long fromOffset, long toOffset) throws IOException {
        return new LogVerification(log(), fromOffset, toOffset).run();
    }

    /** All that the entries up to {@link #applied} made, as text: equal on all replicas at equal positions. Slow. */
    public String stateDigest() {
        return digest() + " " + tablesDigest();
    }

    /** {@link #stateDigest} without what the batches hold. */
    public String tablesDigest() {
        synchronized (state) {
            return "applied=" + applied.index() + " logStart=" + log().startOffset() + " committed=" + committedOffset
                    + " time=" + lastTimestampMs + " producers=" + producers.all();
        }
    }

    @Override
    public Runnable onHighWatermark(LongConsumer newListener) {
        highWatermarkListeners.add(newListener);
        return () -> highWatermarkListeners.remove(newListener);
    }

    private SegmentedLog log() {
        SegmentedLog open = log;
        Invariant.check(open != null, "group %s: not open", group);
        return Objects.requireNonNull(open);
    }

    /** What the log tells, passed on. */
    private final class LogEvents implements LogListener {
        @Override
        public void highWatermark(long offset) {
            for (LongConsumer l : highWatermarkListeners) {
                try {
                    l.accept(offset);
                } catch (RuntimeException e) {
                    LOG.error("high watermark listener failed group={}", group, e);
                }
            }
        }

        @Override
        public void failed(Exception cause) {
            follow();
            listener.storageFailed(cause);
        }

        @Override
        public void damaged(String what) {
            listener.damaged(what);
        }
    }
}
