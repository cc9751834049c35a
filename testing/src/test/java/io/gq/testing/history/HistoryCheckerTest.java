package io.gq.testing.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.TopicPartition;
import io.gq.testing.history.HistoryReport.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checker is proved by planted bugs: each kind must be caught, by its own name, and a clean history gives nothing. */
class HistoryCheckerTest {

    private static final TopicPartition P0 = new TopicPartition("orders", 0);
    private static final TopicPartition P1 = new TopicPartition("orders", 1);

    private final List<Append> appends = new ArrayList<>();
    private final List<Read> reads = new ArrayList<>();
    private final List<EndRead> ends = new ArrayList<>();
    private final List<LogDump.Row> log = new ArrayList<>();
    private final List<LogDump> dumps = new ArrayList<>();
    private long startOffset;

    @Test
    void shouldPassWhenHistoryIsClean() {
        tenCleanAppends();
        for (LogDump.Row row : log) {
            reads.add(new Read("consumer", P0, row.offset(), row.value(), false));
        }
        dumps.add(new LogDump("replica-2", P0, 0, 10, log));
        ends.add(new EndRead("client", P0, 1_000, 1_010, 10));

        HistoryReport report = check();

        assertThat(report.verdict()).as(report.describe()).isEqualTo(Verdict.PASSED);
        assertThat(report.acknowledged()).isEqualTo(10);
        assertThat(report.findings()).isEmpty();
    }

    @Test
    void shouldFindLostPrefix() {
        tenCleanAppends();
        log.remove(0);

        assertOnly(FindingKind.LOST_PREFIX, 1);
    }

    @Test
    void shouldFindLostMiddle() {
        tenCleanAppends();
        log.remove(5);
        log.remove(4);

        assertOnly(FindingKind.LOST_MIDDLE, 2);
    }

    @Test
    void shouldFindLostTail() {
        tenCleanAppends();
        log.subList(7, 10).clear();

        assertOnly(FindingKind.LOST_TAIL, 3);
    }

    @Test
    void shouldFindEverythingLostWhenLogIsEmpty() {
        tenCleanAppends();
        log.clear();

        assertThat(check().lost()).isEqualTo(10);
    }

    @Test
    void shouldNotCallLostWhatRetentionRemoved() {
        tenCleanAppends();
        log.subList(0, 4).clear();
        startOffset = 4;

        assertThat(check().verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void shouldFindPhantomWhenNobodyAppendedIt() {
        tenCleanAppends();
        log.add(new LogDump.Row(10, "made up"));

        assertOnly(FindingKind.PHANTOM, 1);
    }

    @Test
    void shouldFindPhantomWhenRefusedAppendIsThere() {
        tenCleanAppends();
        appends.add(new Append(1, 10, P0, "refused", 200, 210, Append.Result.FAILED, -1, -1));
        log.add(new LogDump.Row(10, "refused"));

        assertOnly(FindingKind.PHANTOM, 1);
    }

    @Test
    void shouldFindPhantomWhenValueLiesInAnotherPartition() {
        tenCleanAppends();
        dumps.add(new LogDump(LogDump.FINAL, P1, 0, 1, List.of(new LogDump.Row(0, "v3"))));

        assertOnly(FindingKind.PHANTOM, 1);
    }

    @Test
    void shouldFindDivergenceWhenReplicaHoldsAnotherValue() {
        tenCleanAppends();
        List<LogDump.Row> other = new ArrayList<>(log);
        other.set(3, new LogDump.Row(3, "v4"));
        dumps.add(new LogDump("replica-2", P0, 0, 10, other));

        assertOnly(FindingKind.DIVERGENCE, 1);
    }

    @Test
    void shouldFindDivergenceWhenReplicaLacksRecord() {
        tenCleanAppends();
        dumps.add(new LogDump("replica-2", P0, 0, 9, log.subList(0, 9)));

        assertOnly(FindingKind.DIVERGENCE, 1);
    }

    @Test
    void shouldFindDivergenceWhenReplicaHoldsMore() {
        tenCleanAppends();
        List<LogDump.Row> more = new ArrayList<>(log);
        more.add(new LogDump.Row(10, "v10"));
        appends.add(new Append(1, 10, P0, "v10", 200, 210, Append.Result.UNKNOWN, -1, -1));
        dumps.add(new LogDump("replica-2", P0, 0, 11, more));

        assertOnly(FindingKind.DIVERGENCE, 1);
    }

    @Test
    void shouldFindDivergenceWhenRecordLiesElsewhereThanAcknowledged() {
        tenCleanAppends();
        appends.add(new Append(2, 0, P0, "moved", 200, 210, Append.Result.OK, 20, 1));
        log.add(new LogDump.Row(21, "moved"));

        assertOnly(FindingKind.DIVERGENCE, 1);
    }

    @Test
    void shouldFindDivergenceWhenOffsetIsUsedTwice() {
        tenCleanAppends();
        appends.add(new Append(2, 0, P0, "again", 91, 95, Append.Result.OK, 9, 2));

        HistoryReport report = check();

        assertThat(report.count(FindingKind.DIVERGENCE)).isEqualTo(1);
        assertThat(report.lost()).isEqualTo(1);
    }

    @Test
    void shouldFindDivergenceWhenReaderSawAnotherValue() {
        tenCleanAppends();
        reads.add(new Read("consumer", P0, 4, "v5", false));

        assertOnly(FindingKind.DIVERGENCE, 1);
    }

    @Test
    void shouldFindDuplicate() {
        tenCleanAppends();
        log.add(new LogDump.Row(10, "v3"));

        assertOnly(FindingKind.DUPLICATE, 1);
    }

    @Test
    void shouldAllowDuplicateWhenProducerIsNotIdempotent() {
        tenCleanAppends();
        log.add(new LogDump.Row(10, "v3"));

        assertThat(new HistoryChecker(new HistoryConfig(true, 1, 10))
                        .check(history())
                        .verdict())
                .isEqualTo(Verdict.PASSED);
    }

    @Test
    void shouldFindProducerOrder() {
        // concurrent calls of one process, so that time does not order them
        appends.add(new Append(1, 0, P0, "first", 0, 100, Append.Result.OK, 1, 1));
        appends.add(new Append(1, 1, P0, "second", 1, 100, Append.Result.OK, 0, 1));
        log.add(new LogDump.Row(0, "second"));
        log.add(new LogDump.Row(1, "first"));

        assertOnly(FindingKind.PRODUCER_ORDER, 1);
    }

    @Test
    void shouldFindReadOrderWhenReaderGoesBack() {
        tenCleanAppends();
        reads.add(new Read("consumer", P0, 4, "v4", false));
        reads.add(new Read("consumer", P0, 4, "v4", false));

        assertOnly(FindingKind.READ_ORDER, 1);
    }

    @Test
    void shouldAllowGoingBackAfterSeek() {
        tenCleanAppends();
        reads.add(new Read("consumer", P0, 4, "v4", false));
        reads.add(new Read("consumer", P0, 0, "v0", true));

        assertThat(check().verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void shouldFindReadOrderWhenFinalReadGoesBack() {
        tenCleanAppends();
        LogDump.Row moved = log.remove(2);
        log.add(5, moved);

        assertOnly(FindingKind.READ_ORDER, 1);
    }

    @Test
    void shouldFindReadSkip() {
        tenCleanAppends();
        reads.add(new Read("consumer", P0, 4, "v4", false));
        reads.add(new Read("consumer", P0, 6, "v6", false));

        assertOnly(FindingKind.READ_SKIP, 1);
    }

    @Test
    void shouldAllowGapInOffsets() {
        tenCleanAppends();
        appends.add(new Append(1, 10, P0, "after gap", 200, 210, Append.Result.OK, 20, 1));
        log.add(new LogDump.Row(20, "after gap"));
        reads.add(new Read("consumer", P0, 9, "v9", false));
        reads.add(new Read("consumer", P0, 20, "after gap", false));

        assertThat(check().verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void shouldFindUncommittedRead() {
        tenCleanAppends();
        appends.add(new Append(1, 10, P0, "gone", 200, 210, Append.Result.UNKNOWN, -1, -1));
        reads.add(new Read("consumer", P0, 10, "gone", false));

        assertOnly(FindingKind.UNCOMMITTED_READ, 1);
    }

    @Test
    void shouldFindRealTimeOrder() {
        // two processes, so that no producer's order is broken
        appends.add(new Append(1, 0, P0, "early", 0, 10, Append.Result.OK, 1, 1));
        appends.add(new Append(2, 0, P0, "late", 20, 30, Append.Result.OK, 0, 1));
        log.add(new LogDump.Row(0, "late"));
        log.add(new LogDump.Row(1, "early"));

        assertOnly(FindingKind.REAL_TIME_ORDER, 1);
    }

    @Test
    void shouldFindRealTimeOrderWhenUnknownAppendLiesBeforeWhatItFollowed() {
        appends.add(new Append(1, 0, P0, "early", 0, 10, Append.Result.OK, 1, 1));
        appends.add(new Append(2, 0, P0, "late", 20, 30, Append.Result.UNKNOWN, -1, -1));
        log.add(new LogDump.Row(0, "late"));
        log.add(new LogDump.Row(1, "early"));

        assertOnly(FindingKind.REAL_TIME_ORDER, 1);
    }

    @Test
    void shouldAllowUnknownAppendOfOneProducerBehindItsLaterOne() {
        appends.add(new Append(1, 0, P0, "first", 0, 10, Append.Result.UNKNOWN, -1, -1));
        appends.add(new Append(1, 1, P0, "second", 20, 30, Append.Result.OK, 0, 1));
        log.add(new LogDump.Row(0, "second"));
        log.add(new LogDump.Row(1, "first"));

        assertThat(check().verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void shouldAllowAnyOrderOfConcurrentAppends() {
        appends.add(new Append(1, 0, P0, "one", 0, 25, Append.Result.OK, 1, 1));
        appends.add(new Append(2, 0, P0, "two", 20, 30, Append.Result.OK, 0, 1));
        log.add(new LogDump.Row(0, "two"));
        log.add(new LogDump.Row(1, "one"));

        assertThat(check().verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void shouldFindStaleReadWhenAcknowledgedRecordIsNotCovered() {
        tenCleanAppends();
        ends.add(new EndRead("client", P0, 1_000, 1_010, 9));

        assertOnly(FindingKind.STALE_READ, 1);
    }

    @Test
    void shouldFindStaleReadWhenAnswerGoesBack() {
        tenCleanAppends();
        ends.add(new EndRead("one", P0, 1_000, 1_010, 12));
        ends.add(new EndRead("two", P0, 1_020, 1_030, 11));

        assertOnly(FindingKind.STALE_READ, 1);
    }

    @Test
    void shouldAllowEndThatIsConcurrentWithAppend() {
        tenCleanAppends();
        ends.add(new EndRead("client", P0, 95, 1_010, 9));

        assertThat(check().verdict()).isEqualTo(Verdict.PASSED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCountUnknownAsNeither(boolean there) {
        tenCleanAppends();
        appends.add(new Append(1, 10, P0, "maybe", 200, 210, Append.Result.UNKNOWN, -1, -1));
        if (there) {
            log.add(new LogDump.Row(10, "maybe"));
        }

        HistoryReport report = check();

        assertThat(report.verdict()).isEqualTo(Verdict.PASSED);
        assertThat(report.unknown()).isEqualTo(1);
        assertThat(report.unknownButThere()).isEqualTo(there ? 1 : 0);
    }

    @Test
    void shouldBeInconclusiveWhenFinalReadIsMissing() {
        tenCleanAppends();

        HistoryReport report =
                new HistoryChecker(HistoryConfig.strict()).check(new History(appends, reads, ends, List.of()));

        assertThat(report.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(report.doubts()).containsExactly("no final read of orders-0");
    }

    @Test
    void shouldBeInconclusiveWhenTooLittleWasAcknowledged() {
        tenCleanAppends();

        HistoryReport report = new HistoryChecker(HistoryConfig.strict().withAcknowledgedMin(11)).check(history());

        assertThat(report.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void shouldMeasureLongestGapOfEachPartition() {
        long ms = 1_000_000;
        appends.add(new Append(1, 0, P0, "a", 0, 5 * ms, Append.Result.OK, 0, 1));
        appends.add(new Append(1, 1, P0, "b", 5 * ms, 705 * ms, Append.Result.OK, 1, 1));
        appends.add(new Append(1, 2, P0, "c", 705 * ms, 710 * ms, Append.Result.OK, 2, 2));
        appends.add(new Append(2, 0, P1, "d", 0, 10 * ms, Append.Result.OK, 0, 1));
        appends.add(new Append(2, 1, P1, "e", 10 * ms, 910 * ms, Append.Result.UNKNOWN, -1, -1));

        HistoryReport report =
                new HistoryChecker(HistoryConfig.strict()).check(new History(appends, List.of(), List.of(), List.of()));

        assertThat(report.gaps().get(P0).length()).isEqualTo(Duration.ofMillis(700));
        assertThat(report.gaps().get(P0).afterNs()).isEqualTo(5 * ms);
        assertThat(report.gaps().get(P1).length()).as("a gap that never ended").isEqualTo(Duration.ofMillis(900));
        assertThat(report.longestGap()).isEqualTo(Duration.ofMillis(900));
    }

    @Test
    void shouldKeepContextOfFirstFindingsAndCountAll() {
        tenCleanAppends();
        log.clear();

        HistoryReport report = new HistoryChecker(HistoryConfig.strict()).check(history());
        HistoryReport few = new HistoryChecker(new HistoryConfig(false, 1, 2)).check(history());

        assertThat(few.findings()).hasSize(2);
        assertThat(few.counts()).isEqualTo(report.counts());
        assertThat(few.findings().get(0).context()).anyMatch(line -> line.contains("value=v0"));
        assertThat(few.describe()).contains("verdict=FAILED").contains("LOST_TAIL");
    }

    @Test
    void shouldRefuseTwoAppendsOfOneValue() {
        tenCleanAppends();
        appends.add(appends.get(0));

        assertThatThrownBy(this::check)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: unique");
    }

    @Test
    void shouldCatchRandomlyPlantedFaultInLongHistory() {
        Random random = new Random(7);
        for (int round = 0; round < 50; round++) {
            appends.clear();
            log.clear();
            for (int i = 0; i < 2_000; i++) {
                appends.add(new Append(i % 4, i / 4, P0, "v" + i, i * 10L, i * 10L + 35, Append.Result.OK, i, 1));
                log.add(new LogDump.Row(i, "v" + i));
            }
            assertThat(check().verdict()).isEqualTo(Verdict.PASSED);

            int at = random.nextInt(1_990);
            switch (round % 4) {
                case 0 -> log.remove(at);
                case 1 -> log.add(new LogDump.Row(2_000, "v" + at));
                case 2 -> {
                    log.set(at, new LogDump.Row(at, "v" + (at + 5)));
                    log.set(at + 5, new LogDump.Row(at + 5, "v" + at));
                }
                default -> log.set(at, new LogDump.Row(at, "damaged"));
            }
            assertThat(check().verdict()).as("round " + round + " at " + at).isEqualTo(Verdict.FAILED);
        }
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void shouldTakeLongHistoryWithoutQuadraticCost() {
        int count = 200_000;
        for (int i = 0; i < count; i++) {
            appends.add(new Append(i % 4, i / 4, P0, "v" + i, i * 10L, i * 10L + 35, Append.Result.OK, i, 1));
            reads.add(new Read("reader-" + i % 2, P0, i, "v" + i, true));
            ends.add(new EndRead("asker", P0, i * 10L, i * 10L + 5, i + 1));
            if (i % 2 == 0) {
                log.add(new LogDump.Row(i, "v" + i));
            }
        }
        dumps.add(new LogDump("replica-2", P0, 0, count, log));

        HistoryReport report = check();

        assertThat(report.lost()).isEqualTo(count / 2);
    }

    private void tenCleanAppends() {
        for (int i = 0; i < 10; i++) {
            appends.add(new Append(1, i, P0, "v" + i, i * 10L, i * 10L + 5, Append.Result.OK, i, 1));
            log.add(new LogDump.Row(i, "v" + i));
        }
    }

    private History history() {
        List<LogDump> all = new ArrayList<>(dumps);
        all.add(new LogDump(LogDump.FINAL, P0, startOffset, startOffset + log.size(), log));
        return new History(appends, reads, ends, all);
    }

    private HistoryReport check() {
        return new HistoryChecker(HistoryConfig.strict()).check(history());
    }

    private void assertOnly(FindingKind kind, long count) {
        HistoryReport report = check();
        assertThat(report.verdict()).isEqualTo(Verdict.FAILED);
        assertThat(report.counts()).as(report.describe()).containsOnlyKeys(kind).containsEntry(kind, count);
    }
}
