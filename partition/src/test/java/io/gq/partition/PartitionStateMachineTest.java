package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.ErrorCode;
import io.gq.core.Invariant;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.SnapshotReader;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.append.PartitionAppender;
import io.gq.partition.append.RetentionProposer;
import io.gq.partition.log.DiskFlusher;
import io.gq.partition.log.LogConfig;
import io.gq.testing.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartitionStateMachineTest {

    private final DirectGroup source = new DirectGroup();
    private final DirectGroup target = new DirectGroup();
    private PartitionAppender appender = appender(0);

    PartitionStateMachineTest() {
        source.lead();
    }

    private PartitionAppender appender(int inlineBytesMax) {
        return new PartitionAppender(
                source.machine,
                source,
                AppenderConfig.DEFAULT.withInlineBytesMax(inlineBytesMax),
                new ManualClock(),
                PartitionMetrics.NONE);
    }

    private void append(int batches) {
        for (int i = 0; i < batches; i++) {
            long offset = source.machine.logEndOffset();
            appender.append(PartitionWorkload.batch(1, 1000 + offset, 7, (int) offset))
                    .join();
        }
    }

    // ---- applying

    @Test
    void shouldSkipWhatIsAppliedAlready() {
        append(3);
        String before = source.machine.stateDigest();
        source.log.forEach(e -> assertThat(source.machine.apply(e)).isEqualTo(Outcome.DONE));
        source.machine.skip(new LogPosition(1, 1));
        assertThat(source.machine.stateDigest()).isEqualTo(before);
    }

    @Test
    void shouldAnswerAMalformedCommandAndGoOn() {
        Outcome outcome = source.machine.apply(entry(0, "0102"));
        assertThat(outcome.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(source.machine.applied().index()).isZero();
        assertThat(source.machine.verify(1, ByteBuffer.wrap(new byte[] {1, 2}))).contains("cut short");
    }

    @Test
    void shouldStopAtACommandOfANewerVersion() {
        assertThatThrownBy(() -> source.machine.apply(entry(0, "0201")))
                .isInstanceOf(Invariant.Violation.class)
                .hasMessageContaining("version 2");
    }

    @Test
    void shouldVerifyOffsetAndTerm() {
        append(2);
        var stale = new PartitionCommand.Append(
                1, 1, 1, 2, 100, 0, 10, List.of(new BatchDescriptor(100, 1, 1, -1, (short) -1, -1)));
        assertThat(source.machine.verify(1, CommandCodec.encode(stale))).contains("offset 1");
        var fits = new PartitionCommand.Append(1, 1, 2, 3, 100, 0, 10, stale.batches());
        assertThat(source.machine.verify(1, CommandCodec.encode(fits))).isNull();
        assertThat(source.machine.verify(2, CommandCodec.encode(fits))).contains("term 1");
        assertThat(source.machine.verify(2, CommandCodec.encode(new PartitionCommand.Trim(1, 1, 1))))
                .isNull();
    }

    @Test
    void shouldTellWhenTheHighWatermarkMoves() {
        List<Long> seen = new ArrayList<>();
        Runnable end = source.machine.onHighWatermark(seen::add);
        source.machine.onHighWatermark(offset -> {
            throw new IllegalStateException("a bad listener");
        });
        append(2);
        end.run();
        append(1);
        assertThat(seen).containsExactly(1L, 2L);
    }

    @Test
    void shouldRefuseToWriteAPayloadWithoutBatches() {
        ByteBuffer trim = CommandCodec.encode(new PartitionCommand.Trim(1, 1, 1));
        assertThat(source.machine.payloads().write(1, 0, trim, ByteBuffer.allocate(1)))
                .isCompletedExceptionally();
        assertThat(source.machine.payloads().write(1, 0, ByteBuffer.allocate(1), ByteBuffer.allocate(1)))
                .isCompletedExceptionally();
        assertThat(source.machine.payloads().read(1, 0)).isCompletedExceptionally();
    }

    // ---- checkpoints

    @Test
    void shouldComeBackFromItsCheckpoint() throws Exception {
        append(20);
        new RetentionProposer(source.machine, source, new ManualClock(), 0)
                .trimTo(5)
                .join();
        assertThat(source.machine.checkpoint()).isEqualTo(new LogPosition(1, 20));
        append(3);
        String before = source.machine.stateDigest();
        source.restart();
        assertThat(source.machine.checkpointed()).isEqualTo(new LogPosition(1, 20));
        assertThat(source.machine.stateDigest()).isEqualTo(before);
        assertThat(source.machine.digest().startOffset()).isEqualTo(5);
        assertThat(source.machine.digest().batches()).isEqualTo(18);
    }

    @Test
    void shouldCondemnALogThatBeginsAboveTheCheckpoint() throws Exception {
        append(3);
        source.machine.close();
        PartitionStateMachine again = reopened(source);
        assertThatThrownBy(() -> again.open(new LogTail(2, 3, source.log.subList(2, 3))))
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("begins at index 2");
    }

    @Test
    void shouldNotCallDamagedWhatANewerVersionMayRead() throws Exception {
        append(3);
        source.machine.close();
        List<Entry> log = new ArrayList<>(source.log);
        log.add(new Entry(1, 3, ByteBuffer.wrap(new byte[] {1, 99})));
        PartitionStateMachine again = reopened(source);
        assertThatThrownBy(() -> again.open(new LogTail(0, 4, log)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("entry 3 of the Raft log: command: version 1, kind 99");
    }

    @Test
    void shouldNotCheckpointWhatIsNotDurable() {
        append(3);
        source.files.failForce(1);
        assertThatThrownBy(() -> append(1)).isNotNull();
        assertThat(source.troubles).hasSize(1);
        assertThat(source.machine.leaderTerm()).isEqualTo(PartitionStateMachine.NOT_LEADING);
        assertThatThrownBy(source.machine::checkpoint).isInstanceOf(IOException.class);
        assertThat(source.machine.checkpointed()).isEqualTo(LogPosition.NONE);
    }

    @Test
    void shouldNotCheckpointWhatOnlyTheRaftLogHasSynced() {
        appender = appender(1000);
        append(3);
        source.files.failForce(1);
        append(1);
        assertThat(source.troubles).as("no sync was waited for").isEmpty();
        assertThatThrownBy(source.machine::checkpoint).isInstanceOf(IOException.class);
        assertThat(source.troubles).hasSize(1);
        assertThat(source.machine.checkpointed()).isEqualTo(LogPosition.NONE);
    }

    @Test
    void shouldComeBackFromPowerLossWithWhatOnlyTheRaftLogHasSynced() throws Exception {
        appender = appender(1000);
        append(20);
        source.machine.checkpoint();
        append(20);
        String before = source.machine.stateDigest();
        source.files.crash();
        source.open();
        assertThat(source.machine.stateDigest()).isEqualTo(before);
        assertThat(source.troubles).isEmpty();
    }

    @Test
    void shouldKeepItsCheckpointWhereTheStoreFails() throws Exception {
        append(3);
        source.machine.checkpoint();
        append(3);
        source.store.fail(new IOException("store"));
        assertThatThrownBy(source.machine::checkpoint).isInstanceOf(IOException.class);
        assertThat(source.machine.checkpointed().index()).isEqualTo(2);
        source.store.fail(null);
        source.machine.checkpoint();
        String before = source.machine.stateDigest();
        source.restart();
        assertThat(source.machine.stateDigest()).isEqualTo(before);
    }

    @Test
    void shouldTakeNewSettingsWhileItRuns() {
        source.machine.reconfigure(source.config.withLog(new LogConfig(100, 1000, 0, 0, true)));
        append(6);
        assertThat(source.machine.segments()).hasSizeGreaterThan(4);
        assertThat(source.machine.config().log().segmentBytes()).isEqualTo(100);
        assertThat(source.machine.bytes()).isPositive();
    }

    // ---- snapshots

    @Test
    void shouldCopyOnlyWhatTheReceiverLacks() throws Exception {
        append(30);
        assertThat(install(Integer.MAX_VALUE)).isEqualTo(source.machine.applied());
        assertEqual();
        append(2);
        List<ByteBuffer> frames = frames();
        assertThat(frames).hasSize(2 + 2 * 2 + 1); // manifest, producers, two entries of one chunk each, end
        install(Integer.MAX_VALUE);
        assertEqual();
        target.log.clear();
        String before = target.machine.stateDigest();
        target.machine.close();
        PartitionStateMachine again = reopened(target);
        LogPosition position = again.open(new LogTail(32, 32, List.of()));
        assertThat(position).isEqualTo(source.machine.applied());
        assertThat(again.stateDigest()).isEqualTo(before);
    }

    @Test
    void shouldGoOnWhereACopyBrokeOff() throws Exception {
        append(40);
        int all = frames().size();
        assertThatThrownBy(() -> install(20)).isInstanceOf(IOException.class);
        assertThat(frames()).hasSizeLessThan(all - 10);
        target.restart();
        assertThat(frames()).hasSizeLessThan(all - 10);
        assertThatThrownBy(() -> install(10)).isInstanceOf(IOException.class);
        install(Integer.MAX_VALUE);
        assertEqual();
    }

    @Test
    void shouldAddNothingToACopyThatTheDiskRefused() throws Exception {
        append(40);
        target.files.limitBytes(target.files.usedBytes() + 600);
        assertThatThrownBy(() -> install(Integer.MAX_VALUE)).isInstanceOf(IOException.class);
        assertThat(target.troubles).as("it cannot go on").isNotEmpty();
        target.files.limitBytes(Long.MAX_VALUE);
        assertThatThrownBy(() -> install(Integer.MAX_VALUE)).hasMessageContaining("an earlier one failed");
        target.restart();
        target.troubles.clear();
        install(Integer.MAX_VALUE);
        assertEqual();
        target.log.clear();
        target.machine.close();
        PartitionStateMachine again = reopened(target);
        again.open(new LogTail(40, 40, List.of()));
        assertThat(again.stateDigest()).isEqualTo(source.machine.stateDigest());
        assertThat(target.troubles).isEmpty();
    }

    @Test
    void shouldNotGoOnWhereASnapshotCannotBeSaved() throws Exception {
        append(10);
        target.store.fail(new IOException("store"));
        assertThatThrownBy(() -> install(Integer.MAX_VALUE)).isInstanceOf(IOException.class);
        assertThat(target.troubles).isNotEmpty();
        target.store.fail(null);
        target.restart();
        install(Integer.MAX_VALUE);
        assertEqual();
    }

    @Test
    void shouldBeginAtTheSourcesLogStart() throws Exception {
        append(30);
        install(Integer.MAX_VALUE);
        append(20);
        new RetentionProposer(source.machine, source, new ManualClock(), 0)
                .trimTo(41)
                .join();
        install(Integer.MAX_VALUE);
        assertEqual();
        assertThat(target.machine.segments().get(0).baseOffset()).isGreaterThanOrEqualTo(30);
        new RetentionProposer(source.machine, source, new ManualClock(), 0)
                .trimTo(50)
                .join();
        install(Integer.MAX_VALUE);
        append(3);
        install(Integer.MAX_VALUE);
        assertEqual();
    }

    @Test
    void shouldDestroyNothingWhereItHoldsTheSnapshotAlready() throws Exception {
        append(10);
        SnapshotReader old = source.machine.snapshot(target.machine.held());
        append(10);
        install(Integer.MAX_VALUE);
        String before = target.machine.stateDigest();
        assertThat(target.machine.install(old).index())
                .isGreaterThanOrEqualTo(old.position().index());
        assertThat(target.machine.stateDigest()).isEqualTo(before);
    }

    @Test
    void shouldRefuseEveryDamagedFrame() throws Exception {
        append(3);
        List<ByteBuffer> frames = frames();
        for (int i = 0; i < frames.size(); i++) {
            for (int at = 0; at < frames.get(i).limit(); at += 5) {
                ByteBuffer damaged = ByteBuffer.allocate(frames.get(i).limit())
                        .put(frames.get(i).duplicate())
                        .flip();
                damaged.put(at, (byte) (damaged.get(at) ^ 4));
                assertThatThrownBy(() -> SnapshotFrames.decode(damaged)).isInstanceOf(IOException.class);
            }
        }
        assertThatThrownBy(() -> SnapshotFrames.decode(ByteBuffer.allocate(3))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> source.machine.snapshot(ByteBuffer.allocate(3)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void shouldRefuseASnapshotThatIsNotWhole() throws Exception {
        append(3);
        for (int i = 0; i < frames().size(); i++) {
            List<ByteBuffer> without = new ArrayList<>(frames());
            without.remove(i);
            if (i != 1) { // without producers it is whole by itself
                assertThatThrownBy(() -> target.machine.install(new Frames(source.machine.applied(), without)))
                        .as("frame %d missing", i)
                        .isInstanceOf(IOException.class);
            }
        }
        install(Integer.MAX_VALUE);
        assertEqual();
    }

    @Test
    void shouldHandOutNoDamagedPayload() throws Exception {
        source.machine.reconfigure(source.config.withLog(new LogConfig(1 << 20, 1000, 0, 0, true)));
        append(3);
        var file = source.files.list(DirectGroup.DIRECTORY).stream()
                .filter(p -> p.toString().endsWith(".log"))
                .findFirst()
                .orElseThrow();
        source.files.flipBit(DirectGroup.DIRECTORY.resolve(file), 70, 1);
        assertThatThrownBy(this::frames).isInstanceOf(IOException.class);
        assertThat(source.machine.payloads().read(1, 0)).isCompletedExceptionally();
        assertThat(source.troubles).hasSize(2).allMatch(t -> t.startsWith("damaged"));
    }

    @Test
    void shouldKeepTheBytesOfHeldForEver() throws Exception {
        Held held = new Held(1, 2, 3, 4);
        assertThat(HexFormat.of().formatHex(held.encode().array()))
                .isEqualTo("01" + "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004");
        assertThat(Held.decode(held.encode())).isEqualTo(held);
    }

    private void assertEqual() {
        assertThat(target.machine.stateDigest()).isEqualTo(source.machine.stateDigest());
    }

    private LogPosition install(int framesMax) throws IOException {
        List<ByteBuffer> frames = frames();
        return target.machine.install(
                new Frames(source.machine.applied(), frames.subList(0, Math.min(framesMax, frames.size()))));
    }

    private List<ByteBuffer> frames() throws IOException {
        List<ByteBuffer> frames = new ArrayList<>();
        try (SnapshotReader snapshot = source.machine.snapshot(target.machine.held())) {
            for (ByteBuffer frame = snapshot.next(); frame != null; frame = snapshot.next()) {
                frames.add(frame);
            }
        }
        return frames;
    }

    private static PartitionStateMachine reopened(DirectGroup group) {
        return new PartitionMachineFactory(
                        group.files, new DiskFlusher(Runnable::run), group.store, PartitionMetrics.NONE)
                .create(group.id(), DirectGroup.DIRECTORY, group.config, ReplicaListener.NONE);
    }

    private static Entry entry(long index, String hex) {
        return new Entry(1, index, ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    private static final class Frames implements SnapshotReader {
        private final LogPosition position;
        private final List<ByteBuffer> frames;
        private int next;

        Frames(LogPosition position, List<ByteBuffer> frames) {
            this.position = position;
            this.frames = frames;
        }

        @Override
        public LogPosition position() {
            return position;
        }

        @Override
        public @Nullable ByteBuffer next() {
            return next < frames.size() ? frames.get(next++) : null;
        }

        @Override
        public void close() {}
    }
}
