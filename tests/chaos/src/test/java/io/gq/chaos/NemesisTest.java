package io.gq.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.chaos.Schedule.Step;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class NemesisTest {

    private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());
    private static final Duration ALWAYS = Duration.ofMinutes(1);

    private final List<String> events = new ArrayList<>();

    /** Says what it is asked to do. */
    private class Recorded implements Fault {
        private final FaultKind kind;

        Recorded(FaultKind kind) {
            this.kind = kind;
        }

        @Override
        public String inject(RandomGenerator random) throws NotInjectedException {
            events.add("+" + kind.label());
            return "done with " + random.nextInt(1_000);
        }

        @Override
        public void heal() {
            events.add("-" + kind.label());
        }
    }

    @Test
    void shouldHealInTheOrderOfTheirEndsWhenFaultsOverlap() throws Exception {
        Nemesis nemesis = new Nemesis(kind -> Optional.empty(), Recorded::new, NOWHERE);

        nemesis.run(new Schedule(1, List.of(step(FaultKind.KILL, 0, 60), step(FaultKind.PARTITION, 10, 10))), ALWAYS);

        assertThat(events).containsExactly("+kill", "+partition", "-partition", "-kill");
        assertThat(nemesis.injections()).allMatch(Injection::injected).hasSize(2);
        assertThat(nemesis.troubles()).isEmpty();
    }

    @Test
    void shouldHealAllBeforeExclusiveFaultWhenEarlierOnesAreLate() throws Exception {
        Nemesis nemesis = new Nemesis(kind -> Optional.empty(), Recorded::new, NOWHERE);

        nemesis.run(new Schedule(1, List.of(step(FaultKind.PAUSE, 0, 50), step(FaultKind.WIPE, 1, 1))), ALWAYS);

        assertThat(events).containsExactly("+pause", "-pause", "+wipe", "-wipe");
    }

    @Test
    void shouldHealAnExclusiveFaultBeforeTheNextWhenItIsLate() throws Exception {
        Nemesis nemesis = new Nemesis(kind -> Optional.empty(), Recorded::new, NOWHERE);

        nemesis.run(new Schedule(1, List.of(step(FaultKind.WIPE, 0, 50), step(FaultKind.PAUSE, 1, 1))), ALWAYS);

        assertThat(events).containsExactly("+wipe", "-wipe", "+pause", "-pause");
    }

    @Test
    void shouldCountAsNotRunWhenFaultIsUnavailable() throws Exception {
        Nemesis nemesis = new Nemesis(
                kind -> kind == FaultKind.BRIDGE ? Optional.of("no namespaces") : Optional.empty(),
                Recorded::new,
                NOWHERE);

        nemesis.run(new Schedule(1, List.of(step(FaultKind.BRIDGE, 0, 1), step(FaultKind.KILL, 1, 1))), ALWAYS);

        assertThat(events).containsExactly("+kill", "-kill");
        assertThat(nemesis.injections())
                .filteredOn(injection -> !injection.injected())
                .singleElement()
                .satisfies(injection -> {
                    assertThat(injection.kind()).isEqualTo(FaultKind.BRIDGE);
                    assertThat(injection.detail()).isEqualTo("no namespaces");
                });
    }

    @Test
    void shouldTakeBackAndCountAsNotRunWhenInjectionFails() throws Exception {
        Nemesis nemesis = new Nemesis(
                kind -> Optional.empty(),
                kind -> new Recorded(kind) {
                    @Override
                    public String inject(RandomGenerator random) {
                        throw new IllegalStateException("half-way");
                    }
                },
                NOWHERE);

        nemesis.run(new Schedule(1, List.of(step(FaultKind.KILL, 0, 1))), ALWAYS);

        assertThat(events).containsExactly("-kill");
        assertThat(nemesis.injections()).noneMatch(Injection::injected).hasSize(1);
        assertThat(nemesis.troubles()).singleElement().asString().contains("half-way");
    }

    @Test
    void shouldSaySoWhenHealFails() throws Exception {
        Nemesis nemesis = new Nemesis(
                kind -> Optional.empty(),
                kind -> new Recorded(kind) {
                    @Override
                    public void heal() {
                        throw new AssertionError("does not come back");
                    }
                },
                NOWHERE);

        nemesis.run(new Schedule(1, List.of(step(FaultKind.KILL, 0, 1))), ALWAYS);

        assertThat(nemesis.troubles()).singleElement().asString().contains("does not come back");
    }

    @Test
    void shouldBeginNoFaultWhenTimeIsOver() throws Exception {
        Nemesis nemesis = new Nemesis(kind -> Optional.empty(), Recorded::new, NOWHERE);

        nemesis.run(new Schedule(1, List.of(step(FaultKind.KILL, 5, 1))), Duration.ZERO);

        assertThat(events).isEmpty();
        assertThat(nemesis.injections()).extracting(Injection::detail).containsExactly("out of time");
    }

    private static Step step(FaultKind kind, long atMs, long holdMs) {
        return new Step(kind, Duration.ofMillis(atMs), Duration.ofMillis(holdMs), 42);
    }
}
