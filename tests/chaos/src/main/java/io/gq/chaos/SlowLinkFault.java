package io.gq.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/** One broker's cable is slow in both directions. */
final class SlowLinkFault implements Fault {

    private final Testbed testbed;
    private final Victims victims;
    private List<Integer> slow = List.of();

    SlowLinkFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) {
        int node = victims.any(random);
        slow = List.of(node);
        return "broker " + node + ": " + testbed.network().slow(node);
    }

    @Override
    public void heal() {
        slow.forEach(testbed.network()::unslow);
    }
}
