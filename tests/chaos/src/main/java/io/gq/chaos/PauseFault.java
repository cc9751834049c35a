package io.gq.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/** SIGSTOP of one broker: it answers nothing, and its connections stay open. */
final class PauseFault implements Fault {

    private final Testbed testbed;
    private final Victims victims;
    private List<Integer> paused = List.of();

    PauseFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        paused = List.of(victims.take(random));
        paused.forEach(node -> testbed.broker(node).pause());
        return "broker " + paused.get(0);
    }

    @Override
    public void heal() {
        paused.forEach(node -> testbed.broker(node).resume());
        paused.forEach(victims::release);
    }
}
