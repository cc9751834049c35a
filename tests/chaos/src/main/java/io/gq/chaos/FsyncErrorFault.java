package io.gq.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Every sync of one broker fails. What the broker wrote meanwhile may never reach its disk, so where that can be done its machine
 * loses power at the end: a broker that acknowledged on the strength of a failed sync has then lost it.
 */
final class FsyncErrorFault implements Fault {

    private final Testbed testbed;
    private final Victims victims;
    private List<Integer> failing = List.of();

    FsyncErrorFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        int victim = victims.take(random);
        failing = List.of(victim);
        testbed.shim(victim).syncError(Shim.EIO);
        return "broker " + victim + (testbed.canLosePower() ? ", which then loses power" : ", which is then killed");
    }

    @Override
    public void heal() {
        for (int node : failing) {
            boolean power = testbed.canLosePower();
            if (power) {
                testbed.powerOff(List.of(node));
            } else if (testbed.broker(node).alive()) {
                testbed.broker(node).kill();
            }
            testbed.shim(node).syncError(0);
            if (power) {
                testbed.powerOn(List.of(node));
            } else {
                testbed.broker(node).start();
            }
            victims.release(node);
        }
    }
}
