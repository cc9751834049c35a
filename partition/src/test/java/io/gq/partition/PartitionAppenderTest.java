package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import io.gq.partition.append.Appended;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.append.PartitionAppender;
import io.gq.partition.append.RetentionProposer;
import io.gq.partition.log.RetentionPolicy;
import io.gq.testing.ManualClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class PartitionAppenderTest {

    private static final AppenderConfig CONFIG = new AppenderConfig(500, 0, 100, 2, 0, 2000);

    private final DirectGroup group = new DirectGroup();
    private final ManualClock clock = new ManualClock();
    private PartitionAppender appender = newAppender();

    private PartitionAppender newAppender() {
        return new PartitionAppender(group.machine, group, CONFIG, clock, PartitionMetrics.NONE);
    }

    @Test
    void shouldRefuseUntilThisReplicaLeads() {
        assertThat(code(appender.append(batch(1)))).isEqualTo(ErrorCode.NOT_LEADER);
        group.lead();
        assertThat(appender.append(batch(1)).join()).isEqualTo(new Appended(0, 1, false, Appended.NO_TIME));
        group.follow();
        assertThat(code(appender.append(batch(1)))).isEqualTo(ErrorCode.NOT_LEADER);
    }

    @Test
    void shouldPutWhatWaitsTogetherWhileEntriesAreInFlight() {
        group.lead();
        group.applyAtOnce = false;
        List<CompletableFuture<Appended>> all = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            all.add(appender.append(batch(2)));
        }
        assertThat(group.proposed).hasSize(2);
        group.applyNext();
        assertThat(group.proposed).hasSize(3);
        PartitionCommand.Append third = (PartitionCommand.Append) group.proposed.get(2);
        assertThat(third.batches()).hasSizeGreaterThan(3);
        assertThat(third.payloadBytes()).isLessThanOrEqualTo(CONFIG.entryBytesMax());
        while (!group.unapplied.isEmpty()) {
            group.applyNext();
        }
        for (int i = 0; i < 9; i++) {
            assertThat(all.get(i).join().baseOffset()).isEqualTo(2L * i);
        }
        assertThat(appender.waitingBytes()).isZero();
    }

    @Test
    void shouldLetBatchesWaitForTheOnesInFlightUntilTheyFillAnEntry() {
        appender.close();
        int size = batch(2).remaining();
        appender = new PartitionAppender(
                group.machine,
                group,
                new AppenderConfig(10 * size, 4 * size, 100, 3, 0, 100L * size),
                clock,
                PartitionMetrics.NONE);
        group.lead();
        List<CompletableFuture<Appended>> all = new ArrayList<>();
        group.applyAtOnce = false;

        all.add(appender.append(batch(2)));
        for (int i = 0; i < 3; i++) {
            all.add(appender.append(batch(2)));
        }
        assertThat(group.proposed).as("one is in flight, three wait").hasSize(1);
        all.add(appender.append(batch(2)));
        assertThat(group.proposed).as("the fourth makes them worth an entry").hasSize(2);
        all.add(appender.append(batch(2)));
        group.applyNext();
        assertThat(group.proposed).as("one is still in flight").hasSize(2);
        group.applyNext();
        assertThat(group.proposed).as("nothing is in flight").hasSize(3);
        group.applyNext();
        assertThat(all).allSatisfy(appended -> assertThat(appended).isCompleted());
        assertThat(appender.waitingBytes()).isZero();
    }

    @Test
    void shouldWriteOffsetAndTermIntoTheStoredBatch() {
        group.term = 7;
        group.lead();
        appender.append(batch(3)).join();
        appender.append(batch(1)).join();
        List<Long> offsets = new ArrayList<>();
        for (RecordBatch batch : RecordBatches.in(group.machine.read(0, 10_000).batches())) {
            assertThat(batch.leaderEpoch()).isEqualTo(7);
            assertThat(batch.computeCrc()).isEqualTo(batch.crc());
            offsets.add(batch.baseOffset());
        }
        assertThat(offsets).containsExactly(0L, 3L);
    }

    @Test
    void shouldAnswerARepeatedBatchWithItsFirstOffset() throws Exception {
        group.lead();
        appender.append(idempotent(0)).join();
        appender.append(idempotent(1)).join();
        assertThat(appender.append(idempotent(0)).join()).isEqualTo(new Appended(0, 1, true, Appended.NO_TIME));
        group.machine.checkpoint();
        appender.append(idempotent(2)).join();
        group.restart();
        appender = newAppender();
        group.term = 2;
        group.lead();
        assertThat(appender.append(idempotent(2)).join().baseOffset()).isEqualTo(2);
        assertThat(appender.append(idempotent(1)).join().duplicate()).isTrue();
        assertThat(appender.append(idempotent(3)).join()).isEqualTo(new Appended(3, 2, false, Appended.NO_TIME));
        assertThat(group.machine.highWatermark()).isEqualTo(4);
    }

    @Test
    void shouldAcknowledgeADuplicateOnlyWhenTheOriginalIsApplied() {
        group.lead();
        group.applyAtOnce = false;
        CompletableFuture<Appended> original = appender.append(idempotent(0));
        CompletableFuture<Appended> duplicate = appender.append(idempotent(0));
        assertThat(duplicate).isNotDone();
        group.applyNext();
        assertThat(original.join().duplicate()).isFalse();
        assertThat(duplicate.join()).isEqualTo(new Appended(0, 1, true, Appended.NO_TIME));
        assertThat(group.proposed).hasSize(1);
    }

    @Test
    void shouldCheckSequencesAgainstWhatIsInFlight() {
        group.lead();
        group.applyAtOnce = false;
        for (int sequence = 0; sequence < 3; sequence++) {
            assertThat(appender.append(idempotent(sequence))).isNotDone();
        }
        assertThat(code(appender.append(idempotent(4)))).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE);
        assertThat(appender.append(idempotent(3))).isNotDone();
        assertThat(code(appender.append(PartitionWorkload.batch(1, 1, 99, 5))))
                .isEqualTo(ErrorCode.UNKNOWN_PRODUCER_ID);
    }

    @Test
    void shouldRefuseWhatIsTooLargeOrTooMuch() {
        group.machine.reconfigure(PartitionWorkload.CONFIG.withBatchBytesMax(600));
        group.lead();
        group.applyAtOnce = false;
        assertThat(code(appender.append(batch(100)))).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        List<CompletableFuture<Appended>> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            all.add(appender.append(batch(5)));
        }
        assertThat(code(all.get(39))).isEqualTo(ErrorCode.THROTTLED);
        assertThat(appender.waitingBytes()).isLessThanOrEqualTo(CONFIG.waitingBytesMax());
        while (!group.unapplied.isEmpty()) {
            group.applyNext();
        }
        assertThat(all.get(0).join().baseOffset()).isZero();
        assertThat(appender.append(batch(5))).isNotCompletedExceptionally();
    }

    @Test
    void shouldBeginAnewAfterARefusedProposal() {
        group.lead();
        appender.append(batch(1)).join();
        group.refuseNext = ErrorCode.THROTTLED;
        assertThat(code(appender.append(batch(1)))).isEqualTo(ErrorCode.THROTTLED);
        assertThat(appender.append(batch(1)).join().baseOffset()).isEqualTo(1);
    }

    @Test
    void shouldWaitForWhatMayHaveReachedTheLog() {
        group.lead();
        group.applyAtOnce = false;
        group.loseNextAnswer = ErrorCode.OUTCOME_UNKNOWN;
        assertThat(code(appender.append(idempotent(0)))).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
        assertThat(code(appender.append(idempotent(0)))).isEqualTo(ErrorCode.LEADER_NOT_AVAILABLE);
        group.applyNext();
        assertThat(appender.append(idempotent(0)).join()).isEqualTo(new Appended(0, 1, true, Appended.NO_TIME));
        group.applyAtOnce = true;
        assertThat(appender.append(idempotent(1)).join().baseOffset()).isEqualTo(1);
    }

    @Test
    void shouldFailWhatFollowsAFailedProposalAndRecover() {
        group.lead();
        group.applyAtOnce = false;
        List<CompletableFuture<Appended>> all = new ArrayList<>();
        all.add(appender.append(idempotent(0)));
        group.refuseNext = ErrorCode.THROTTLED;
        all.add(appender.append(idempotent(1)));
        all.add(appender.append(idempotent(2)));
        assertThat(code(all.get(1))).isEqualTo(ErrorCode.THROTTLED);
        assertThat(code(all.get(2))).isEqualTo(ErrorCode.LEADER_NOT_AVAILABLE);
        assertThat(all.get(0)).isNotDone();
        group.applyNext();
        assertThat(all.get(0).join().baseOffset()).isZero();
        group.applyAtOnce = true;
        assertThat(appender.append(idempotent(1)).join().baseOffset()).isEqualTo(1);
    }

    @Test
    void shouldGiveNoOffsetTwiceAcrossALeaderChange() {
        group.lead();
        appender.append(batch(1)).join();
        group.applyAtOnce = false;
        List<CompletableFuture<Appended>> lost = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            lost.add(appender.append(batch(2)));
        }
        group.follow();
        assertThat(code(lost.get(4))).isEqualTo(ErrorCode.NOT_LEADER);
        group.cutUnapplied();
        assertThat(code(lost.get(0))).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
        group.term = 3;
        group.lead();
        group.applyAtOnce = true;
        assertThat(appender.append(batch(1)).join()).isEqualTo(new Appended(1, 3, false, Appended.NO_TIME));
        assertThat(group.machine.highWatermark()).isEqualTo(2);
    }

    @Test
    void shouldLabelRecordsWithTheLeadersTime() {
        group.machine.reconfigure(PartitionWorkload.CONFIG.withTimestampType(TimestampType.APPEND));
        group.lead();
        Appended appended = appender.append(batch(2)).join();
        assertThat(appended.logAppendTimeMs()).isEqualTo(clock.millis());
        clock.advance(Duration.ofHours(-1));
        assertThat(appender.append(batch(1)).join().logAppendTimeMs()).isEqualTo(appended.logAppendTimeMs());
        RecordBatch batch = RecordBatch.at(group.machine.read(0, 1).batches(), 0);
        assertThat(batch.logAppendTime()).isTrue();
        assertThat(batch.maxTimestamp()).isEqualTo(appended.logAppendTimeMs());
        assertThat(batch.computeCrc()).isEqualTo(batch.crc());
        assertThat(group.machine
                        .offsetForTimestamp(appended.logAppendTimeMs())
                        .orElseThrow()
                        .offset())
                .isZero();
    }

    @Test
    void shouldRefuseWhatWaitsWhenClosed() {
        group.lead();
        group.applyAtOnce = false;
        List<CompletableFuture<Appended>> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(appender.append(batch(1)));
        }
        appender.close();
        assertThat(code(all.get(2))).isEqualTo(ErrorCode.NOT_LEADER);
        assertThat(all.get(0)).isNotDone();
        assertThat(appender.append(batch(1))).isCompletedExceptionally();
        group.applyNext();
        assertThat(all.get(0)).isCompleted();
    }

    @Test
    void shouldProposeWhatRetentionSays() {
        group.machine.reconfigure(PartitionWorkload.CONFIG
                .withRetention(new RetentionPolicy(1000, RetentionPolicy.UNLIMITED))
                .withProducers(1000, 10));
        RetentionProposer retention = new RetentionProposer(group.machine, group, clock, 0);
        assertThat(retention.run()).isEmpty();
        group.lead();
        for (int i = 0; i < 30; i++) {
            appender.append(PartitionWorkload.batch(1, clock.millis(), 7, i)).join();
        }
        assertThat(retention.run()).isEmpty();
        clock.advance(Duration.ofMillis(1001));
        assertThat(retention.run()).isPresent();
        assertThat(group.machine.logStartOffset()).isEqualTo(30);
        assertThat(group.machine.producers().size()).isZero();
        assertThat(retention.run()).isEmpty();
        appender.append(batch(4)).join();
        assertThat(retention.trimTo(32).join().reply().getLong(0)).isEqualTo(32);
        assertThat(group.machine.logStartOffset()).isEqualTo(32);
    }

    private ByteBuffer batch(int records) {
        return PartitionWorkload.batch(records, clock.millis(), RecordBatch.NO_PRODUCER_ID, 0);
    }

    private ByteBuffer idempotent(int sequence) {
        return PartitionWorkload.batch(1, clock.millis(), 7, sequence);
    }

    private static ErrorCode code(CompletableFuture<Appended> future) {
        assertThat(future).isCompletedExceptionally();
        try {
            future.join();
            throw new AssertionError("completed");
        } catch (CompletionException e) {
            return ((BrokerException) e.getCause()).code();
        }
    }
}
