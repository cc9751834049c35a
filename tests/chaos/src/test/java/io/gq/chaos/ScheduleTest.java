package io.gq.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.chaos.Schedule.Step;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {

    private static final List<FaultKind> ALL = List.of(FaultKind.values());
    private static final Duration LONG = Duration.ofMinutes(30);

    static LongStream seeds() {
        return LongStream.range(0, 50);
    }

    @Test
    void shouldBeTheSameWhenSeedIsTheSame() {
        assertThat(Schedule.repeated(7, LONG, ALL)).isEqualTo(Schedule.repeated(7, LONG, ALL));
        assertThat(Schedule.repeated(7, LONG, ALL)).isNotEqualTo(Schedule.repeated(8, LONG, ALL));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldEndWithinDurationWhenRepeated(long seed) {
        Schedule schedule = Schedule.repeated(seed, Duration.ofSeconds(60), ALL);

        assertThat(schedule.steps()).hasSizeGreaterThan(2);
        assertThat(schedule.end()).isLessThanOrEqualTo(Duration.ofSeconds(60));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldHoldExclusiveFaultsAlone(long seed) {
        List<Step> steps = Schedule.repeated(seed, LONG, ALL).steps();

        for (int i = 1; i < steps.size(); i++) {
            Step before = steps.get(i - 1);
            Step step = steps.get(i);
            if (step.kind().exclusive() || before.kind().exclusive()) {
                assertThat(step.at()).as("%s after %s", step, before).isGreaterThanOrEqualTo(before.end());
            }
        }
    }

    @Test
    void shouldOverlapAtTimesWhenFaultsAllowIt() {
        List<FaultKind> pair = List.of(FaultKind.KILL, FaultKind.PARTITION);
        List<Step> steps = Schedule.repeated(1, LONG, pair).steps();

        assertThat(java.util.stream.IntStream.range(1, steps.size())
                        .filter(i ->
                                steps.get(i).at().compareTo(steps.get(i - 1).end()) < 0)
                        .count())
                .isBetween(10L, steps.size() - 10L);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldUseEachKindAsOftenAsTheOthers(long seed) {
        List<Step> steps = Schedule.repeated(seed, LONG, ALL).steps();

        assertThat(ALL)
                .allSatisfy(kind -> assertThat(steps.stream()
                                .filter(step -> step.kind() == kind)
                                .count())
                        .isBetween((long) steps.size() / ALL.size(), (long) steps.size() / ALL.size() + 1));
    }

    @Test
    void shouldHaveEachKindOnceInOrderWhenOnce() {
        Schedule schedule = Schedule.once(3, ALL);

        assertThat(schedule.steps()).extracting(Step::kind).containsExactlyElementsOf(ALL);
        assertThat(schedule.steps())
                .allSatisfy(step -> assertThat(step.hold())
                        .isBetween(step.kind().holdMin(), step.kind().holdMax()));
    }
}
