package io.gq.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/** The power of one machine, or of all, fails: processes are gone, and so is what had not been synced. */
final class PowerLossFault implements Fault {

    private final Testbed testbed;
    private final Victims victims;
    private final boolean all;
    private final Comeback comeback;
    private List<Integer> off = List.of();

    PowerLossFault(Testbed testbed, Victims victims, boolean all) {
        this.testbed = testbed;
        this.victims = victims;
        this.all = all;
        this.comeback = new Comeback(testbed);
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        off = all ? victims.takeAll() : List.of(victims.take(random));
        testbed.powerOff(off);
        if (all) {
            comeback.draw(random);
        }
        return "brokers " + off;
    }

    @Override
    public void heal() {
        testbed.powerOn(off);
        off.forEach(victims::release);
        comeback.await();
    }
}
