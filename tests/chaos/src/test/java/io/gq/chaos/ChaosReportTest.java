package io.gq.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.TopicPartition;
import io.gq.testing.history.FindingKind;
import io.gq.testing.history.HistoryReport;
import io.gq.testing.history.HistoryReport.AckGap;
import io.gq.testing.history.HistoryReport.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChaosReportTest {

    private static final Injection KILLED =
            new Injection(FaultKind.KILL, true, Duration.ofSeconds(1), Duration.ofSeconds(4), "broker 2");
    private static final Injection PAUSED =
            new Injection(FaultKind.PAUSE, true, Duration.ofSeconds(3), Duration.ofSeconds(4), "broker 1");
    private static final Injection NO_BRIDGE =
            new Injection(FaultKind.BRIDGE, false, Duration.ofSeconds(9), Duration.ZERO, "no namespaces");

    @Test
    void shouldPassWhenNothingIsWrongAndSomethingWasInjected() {
        assertThat(report(history(Map.of()), List.of(), KILLED).verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void shouldNotPassWhenNothingWasInjected() {
        ChaosReport report = report(history(Map.of()), List.of(), NO_BRIDGE);

        assertThat(report.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(report.injected()).isEmpty();
        assertThat(report.notRun()).containsEntry("bridge", "no namespaces");
    }

    @Test
    void shouldNotPassWhenThereWasTroubleOrNoJudgement() {
        assertThat(report(history(Map.of()), List.of("broker 1 not ready"), KILLED)
                        .verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(report(null, List.of(), KILLED).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void shouldSumKindsOfFindingsInTheLine() {
        ChaosReport report = report(
                history(Map.of(
                        FindingKind.LOST_TAIL, 2L,
                        FindingKind.LOST_PREFIX, 1L,
                        FindingKind.DUPLICATE, 4L,
                        FindingKind.PRODUCER_ORDER, 5L,
                        FindingKind.DIVERGENCE, 6L)),
                List.of(),
                KILLED);

        assertThat(report.line())
                .startsWith(
                        "{\"seed\":9,\"faults\":[\"kill\"],\"ok\":100,\"failed\":2,\"unknown\":3,\"lost\":3,\"duplicated\":4,"
                                + "\"reordered\":5,\"divergent\":6,\"longest_gap_ms\":0")
                .contains("\"verdict\":\"FAILED\"")
                .doesNotContain("\n");
    }

    @Test
    void shouldTellTheLongestOutagesOnTheScheduleClock() {
        TopicPartition quick = new TopicPartition("chaos", 0);
        TopicPartition slow = new TopicPartition("chaos", 1);
        HistoryReport history = new HistoryReport(
                Verdict.PASSED,
                1,
                0,
                0,
                0,
                Map.of(),
                List.of(),
                Map.of(
                        quick, new AckGap(Duration.ofMillis(300), TimeUnit.SECONDS.toNanos(101)),
                        slow, new AckGap(Duration.ofMillis(9000), TimeUnit.SECONDS.toNanos(104))),
                List.of());

        assertThat(report(history, List.of(), KILLED).json("kill"))
                .contains("\"outages\":[{\"partition\":\"chaos-1\",\"at_ms\":4000,\"ms\":9000},"
                        + "{\"partition\":\"chaos-0\",\"at_ms\":1000,\"ms\":300}]");
    }

    @Test
    void shouldCountTimeUnderFaultOnceWhenFaultsOverlap() {
        assertThat(UnderFault.of(List.of(KILLED, PAUSED, NO_BRIDGE))).isEqualTo(Duration.ofSeconds(6));
        assertThat(UnderFault.of(List.of())).isZero();
    }

    private static ChaosReport report(@Nullable HistoryReport history, List<String> troubles, Injection... injections) {
        return new ChaosReport(
                9,
                "namespaces",
                List.of(FaultKind.KILL, FaultKind.BRIDGE),
                List.of(injections),
                UnderFault.of(List.of(injections)),
                history,
                history == null ? List.of() : Outage.of(history, TimeUnit.SECONDS.toNanos(100)),
                troubles);
    }

    private static HistoryReport history(Map<FindingKind, Long> counts) {
        return new HistoryReport(
                counts.isEmpty() ? Verdict.PASSED : Verdict.FAILED,
                100,
                2,
                3,
                0,
                counts,
                List.of(),
                Map.of(),
                List.of());
    }
}
