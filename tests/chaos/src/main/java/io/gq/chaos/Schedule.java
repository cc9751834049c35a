package io.gq.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Which fault comes when and for how long: a pure function of its arguments. */
record Schedule(long seed, List<Step> steps) {

    private static final long QUIET_MS = 4_000;
    private static final long GAP_MIN_MS = 2_000;
    private static final long GAP_MAX_MS = 5_000;
    private static final double OVERLAP = 0.35;

    /**
     * One fault.
     *
     * @param at from the beginning of the schedule
     * @param hold how long until it is healed
     * @param seed of what the fault has to choose itself
     */
    record Step(FaultKind kind, Duration at, Duration hold, long seed) {
        Duration end() {
            return at.plus(hold);
        }

        @Override
        public String toString() {
            return "%7.1f s  %-18s for %.1f s"
                    .formatted(at.toMillis() / 1000.0, kind.label(), hold.toMillis() / 1000.0);
        }
    }

    Schedule {
        steps = List.copyOf(steps);
    }

    /** Again and again, each kind as often as the others, at times one while another still holds. */
    static Schedule repeated(long seed, Duration duration, List<FaultKind> kinds) {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        List<FaultKind> bag = new ArrayList<>();
        long free = QUIET_MS; // from when on nothing holds
        while (true) {
            if (bag.isEmpty()) {
                bag.addAll(kinds);
                Collections.shuffle(bag, random);
            }
            FaultKind kind = bag.remove(0);
            long hold = Math.min(hold(kind, random), Math.max(1_000, duration.toMillis() / 3));
            long at = steps.isEmpty() ? free : begin(steps.get(steps.size() - 1), kind, free, random);
            if (at + hold > duration.toMillis() && !steps.isEmpty()) {
                return new Schedule(seed, steps);
            }
            steps.add(new Step(kind, Duration.ofMillis(at), Duration.ofMillis(hold), random.nextLong()));
            free = Math.max(free, at + hold);
        }
    }

    /** Each kind once, one after the other, in the order given. */
    static Schedule once(long seed, List<FaultKind> kinds) {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        long at = QUIET_MS;
        for (FaultKind kind : kinds) {
            long hold = kind.holdMin().toMillis()
                    + (hold(kind, random) - kind.holdMin().toMillis()) / 3;
            steps.add(new Step(kind, Duration.ofMillis(at), Duration.ofMillis(hold), random.nextLong()));
            at += hold + GAP_MIN_MS;
        }
        return new Schedule(seed, steps);
    }

    private static long hold(FaultKind kind, Random random) {
        return between(kind.holdMin().toMillis(), kind.holdMax().toMillis(), random);
    }

    private static long begin(Step before, FaultKind kind, long free, Random random) {
        boolean overlap = random.nextDouble() < OVERLAP;
        if (overlap
                && !kind.exclusive()
                && !before.kind().exclusive()
                && before.kind() != kind
                && before.end().toMillis() == free) {
            return between(before.at().toMillis() + 500, before.end().toMillis(), random);
        }
        return free + between(GAP_MIN_MS, GAP_MAX_MS, random);
    }

    private static long between(long min, long max, Random random) {
        return max <= min ? min : min + (long) (random.nextDouble() * (max - min + 1));
    }

    /** When the last fault is healed. */
    Duration end() {
        return steps.stream().map(Step::end).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    }
}
