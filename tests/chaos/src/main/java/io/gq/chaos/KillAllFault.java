package io.gq.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/** SIGKILL of all brokers at one moment. */
final class KillAllFault implements Fault {

    private final Testbed testbed;
    private final Victims victims;
    private final Comeback comeback;
    private List<Integer> killed = List.of();

    KillAllFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
        this.comeback = new Comeback(testbed);
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        killed = victims.takeAll();
        testbed.cluster().killAll();
        comeback.draw(random);
        return "brokers " + killed;
    }

    @Override
    public void heal() {
        killed.forEach(node -> testbed.broker(node).start());
        killed.forEach(victims::release);
        comeback.await();
    }
}
