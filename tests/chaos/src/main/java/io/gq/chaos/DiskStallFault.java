package io.gq.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/** Every write to a broker's disk waits. */
final class DiskStallFault implements Fault {

    private final Testbed testbed;
    private final Victims victims;
    private List<Integer> stalled = List.of();

    DiskStallFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        stalled = List.of(victims.take(random));
        stalled.forEach(node -> testbed.disk(node).freeze());
        return "broker " + stalled.get(0);
    }

    @Override
    public void heal() {
        stalled.forEach(node -> testbed.disk(node).thaw());
        stalled.forEach(victims::release);
    }
}
