package io.gq.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/** SIGKILL of one broker. */
final class KillFault implements Fault {

    private final Testbed testbed;
    private final Victims victims;
    private List<Integer> killed = List.of();

    KillFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        killed = List.of(victims.take(random));
        killed.forEach(node -> testbed.broker(node).kill());
        return "broker " + killed.get(0);
    }

    @Override
    public void heal() {
        killed.forEach(node -> testbed.broker(node).start());
        killed.forEach(victims::release);
    }
}
