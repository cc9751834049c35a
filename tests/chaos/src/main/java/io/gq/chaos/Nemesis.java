package io.gq.chaos;

import io.gq.chaos.Schedule.Step;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** Carries out a schedule, in its caller's thread. A heal that takes long delays what comes after it, and leaves nothing out. */
final class Nemesis {

    private final Function<FaultKind, Optional<String>> unavailable;
    private final Function<FaultKind, Fault> faults;
    private final PrintStream out;
    private final List<Injection> injections = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private long beginNs;

    private record Held(Step step, Fault fault, long atNs, long doneNs, String detail) {}

    /** @param unavailable why a kind cannot be injected on this machine; empty where it can */
    Nemesis(Function<FaultKind, Optional<String>> unavailable, Function<FaultKind, Fault> faults, PrintStream out) {
        this.unavailable = unavailable;
        this.faults = faults;
        this.out = out;
    }

    /**
     * Returns when the last fault is healed.
     *
     * @param injectUntil no fault is begun after so long: heals may have taken longer than planned
     */
    void run(Schedule schedule, Duration injectUntil) throws InterruptedException {
        beginNs = System.nanoTime();
        Duration late = Duration.ZERO;
        try {
            for (Step step : schedule.steps()) {
                Optional<String> why = unavailable.apply(step.kind());
                if (why.isPresent()) {
                    notRun(step, why.get());
                    continue;
                }
                awaitMoment(step.at().plus(late));
                // An exclusive one that took longer to begin than planned is still held when the next is due.
                if (step.kind().exclusive()
                        || held.stream().anyMatch(one -> one.step().kind().exclusive())) {
                    healAll();
                }
                late = elapsed().minus(step.at());
                if (elapsed().compareTo(injectUntil) > 0) {
                    notRun(step, "out of time");
                } else {
                    inject(step);
                }
            }
        } finally {
            healAll();
        }
    }

    private void inject(Step step) {
        Fault fault = faults.apply(step.kind());
        long now = System.nanoTime();
        try {
            String detail = fault.inject(new Random(step.seed()));
            say("inject " + step.kind().label() + ": " + detail);
            held.add(new Held(step, fault, now, System.nanoTime(), detail));
        } catch (NotInjectedException e) {
            notRun(step, String.valueOf(e.getMessage()));
            healNow(fault, step);
        } catch (RuntimeException | AssertionError e) {
            trouble("inject " + step.kind().label() + ": " + firstLine(e));
            notRun(step, firstLine(e));
            healNow(fault, step);
        }
    }

    /** Waits for a moment, and heals what is due before it. */
    private void awaitMoment(Duration moment) throws InterruptedException {
        Optional<Held> next = nextDue();
        while (next.isPresent() && dueNs(next.get()) - beginNs <= moment.toNanos()) {
            heal(next.get());
            next = nextDue();
        }
        sleepUntil(beginNs + moment.toNanos());
    }

    /** Heals everything, each at its time. */
    private void healAll() throws InterruptedException {
        for (Optional<Held> next = nextDue(); next.isPresent(); next = nextDue()) {
            heal(next.get());
        }
    }

    private Optional<Held> nextDue() {
        return held.stream().min(Comparator.comparingLong(Nemesis::dueNs));
    }

    private static long dueNs(Held held) {
        return held.doneNs() + held.step().hold().toNanos();
    }

    private void heal(Held one) throws InterruptedException {
        sleepUntil(dueNs(one));
        held.remove(one);
        healNow(one.fault(), one.step());
        Duration time = Duration.ofNanos(System.nanoTime() - one.atNs());
        injections.add(
                new Injection(one.step().kind(), true, Duration.ofNanos(one.atNs() - beginNs), time, one.detail()));
        say("healed " + one.step().kind().label() + " after " + seconds(time));
    }

    private void healNow(Fault fault, Step step) {
        try {
            fault.heal();
        } catch (RuntimeException | AssertionError e) {
            trouble("heal " + step.kind().label() + ": " + firstLine(e));
        }
    }

    private void notRun(Step step, String why) {
        injections.add(new Injection(step.kind(), false, elapsed(), Duration.ZERO, why));
        say("not run " + step.kind().label() + ": " + why);
    }

    private void trouble(String what) {
        troubles.add(what);
        say("TROUBLE " + what);
    }

    List<Injection> injections() {
        return List.copyOf(injections);
    }

    /** When the schedule began, on the system's monotonic clock. */
    long beganNs() {
        return beginNs;
    }

    /** What went wrong while injecting and healing: a cluster that did not come back, for one. */
    List<String> troubles() {
        return List.copyOf(troubles);
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - beginNs);
    }

    private void say(String what) {
        out.printf("[%7.1f s] %s%n", elapsed().toMillis() / 1000.0, what);
    }

    private static String seconds(Duration time) {
        return "%.1f s".formatted(time.toMillis() / 1000.0);
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
    }

    private static void sleepUntil(long ns) throws InterruptedException {
        long left = ns - System.nanoTime();
        if (left > 0) {
            Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
        }
    }
}
