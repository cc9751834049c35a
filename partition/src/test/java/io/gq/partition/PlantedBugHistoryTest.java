package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.SimulatedGroup;
import io.gq.testing.SimulationRules;
import io.gq.testing.history.FindingKind;
import io.gq.testing.history.HistoryChecker;
import io.gq.testing.history.HistoryConfig;
import io.gq.testing.history.HistoryReport;
import io.gq.testing.history.HistoryReport.Verdict;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What clients of a simulated partition saw must be enough to find a planted bug, and give nothing without one, seed by seed. */
class PlantedBugHistoryTest {

    private static final Logger LOG = LoggerFactory.getLogger(PlantedBugHistoryTest.class);
    private static final int SEEDS = Integer.getInteger("gq.planted.seeds", 40);
    private static final int STEPS = 2000;
    private static final SimulationRules JUDGED_BY_HISTORY = new SimulationRules(true, true);
    private static final SimulationRules ANSWERED_BEFORE_SYNC = new SimulationRules(false, true);

    @Test
    void shouldFindNothingWhenNoBugIsPlanted() {
        for (int seed = 0; seed < SEEDS; seed++) {
            RecordedWorkload workload = new RecordedWorkload();
            new SimulatedGroup(seed, 3, workload).run(STEPS);
            assertPassed(seed, workload);

            workload = new RecordedWorkload();
            new SimulatedGroup(seed, 3, workload, JUDGED_BY_HISTORY).run(STEPS);
            assertPassed(seed, workload);
        }
    }

    @Test
    void shouldFindAcknowledgementBeforeSync() {
        assertFound(RecordedWorkload::new, ANSWERED_BEFORE_SYNC, FindingKind.LOST_MIDDLE);
    }

    @Test
    void shouldFindEntrySkippedInApply() {
        assertFound(PlantedBugs.SkippedEntries::new, JUDGED_BY_HISTORY, FindingKind.READ_SKIP, FindingKind.DIVERGENCE);
    }

    @Test
    void shouldFindReadPastHighWatermark() {
        assertFound(PlantedBugs.ReadsPastHighWatermark::new, JUDGED_BY_HISTORY, FindingKind.UNCOMMITTED_READ);
    }

    @Test
    void shouldFindProducersMissingFromSnapshot() {
        assertFound(PlantedBugs.SnapshotsWithoutProducers::new, JUDGED_BY_HISTORY, FindingKind.DUPLICATE);
    }

    @Test
    void shouldFindOffsetUsedAgainAfterLeaderChange() {
        assertFound(
                PlantedBugs.OffsetsUsedAgain::new, JUDGED_BY_HISTORY, FindingKind.DIVERGENCE, FindingKind.LOST_MIDDLE);
    }

    private static void assertPassed(long seed, RecordedWorkload workload) {
        HistoryReport report = check(workload);
        assertThat(report.verdict())
                .as("seed %d without a bug: %s", seed, report.describe())
                .isEqualTo(Verdict.PASSED);
        assertThat(report.acknowledged()).as("acknowledged with seed %d", seed).isGreaterThan(10);
    }

    /** Each of the kinds is reported for some seed. */
    private static void assertFound(
            Supplier<RecordedWorkload> workloads, SimulationRules rules, FindingKind... expected) {
        Map<Integer, Set<FindingKind>> found = new TreeMap<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            RecordedWorkload workload = workloads.get();
            try {
                new SimulatedGroup(seed, 3, workload, rules).run(STEPS);
            } catch (SimulatedGroup.Failure e) {
                LOG.debug("seed {} has no final read", seed, e);
            }
            HistoryReport report = check(workload);
            if (report.verdict() == Verdict.FAILED) {
                found.put(seed, report.counts().keySet());
            }
        }
        Set<FindingKind> kinds = EnumSet.noneOf(FindingKind.class);
        found.values().forEach(kinds::addAll);
        LOG.info("found seeds={} of={} kinds={}", found.size(), SEEDS, found);
        assertThat(kinds).as("found with seeds %s", found).contains(expected);
    }

    private static HistoryReport check(RecordedWorkload workload) {
        return new HistoryChecker(HistoryConfig.strict()).check(workload.history());
    }
}
