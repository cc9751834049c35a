package io.gq.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/** A broker's disk has no room: less than the broker's reserve, or none at all. */
final class DiskFullFault implements Fault {

    private static final long BELOW_RESERVE = 8L << 20; // the clusters' brokers keep 16 MB

    private final Testbed testbed;
    private final Victims victims;
    private List<Integer> full = List.of();

    DiskFullFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        int victim = victims.take(random);
        full = List.of(victim);
        long leave = random.nextBoolean() ? 0 : BELOW_RESERVE;
        testbed.disk(victim).fill(leave);
        return "broker " + victim + ": " + leave + " bytes left";
    }

    @Override
    public void heal() {
        full.forEach(node -> testbed.disk(node).unfill());
        full.forEach(victims::release);
    }
}
