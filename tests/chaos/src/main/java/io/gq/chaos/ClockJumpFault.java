package io.gq.chaos;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** The wall clock of one broker jumps, and jumps back when it is healed. */
final class ClockJumpFault implements Fault {

    private static final List<Duration> JUMPS = List.of(
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofMinutes(2),
            Duration.ofHours(1),
            Duration.ofDays(30));

    private final Testbed testbed;
    private final Victims victims;
    private List<Integer> wrong = List.of();

    ClockJumpFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        Duration size = JUMPS.get(random.nextInt(JUMPS.size()));
        Duration jump = random.nextBoolean() ? size : size.negated();
        int victim = victims.leader(random);
        wrong = List.of(victim);
        testbed.shim(victim).clockOffset(jump);
        return "broker " + victim + ": " + jump;
    }

    @Override
    public void heal() {
        wrong.forEach(node -> testbed.shim(node).clockOffset(Duration.ZERO));
    }
}
