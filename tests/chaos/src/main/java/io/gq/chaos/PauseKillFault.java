package io.gq.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * One broker stands still while the other two go on acknowledging; then one of these loses its power, and the other stands still.
 * The first and the second, back again, are a majority: what the second had acknowledged and not synced would be lost.
 */
final class PauseKillFault implements Fault {

    private static final Duration WRITES = Duration.ofSeconds(5);

    private final Testbed testbed;
    private final Victims victims;
    private List<Integer> taken = List.of();
    private final List<Integer> paused = new ArrayList<>();
    private final List<Integer> off = new ArrayList<>();

    PauseKillFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        List<Integer> order = new ArrayList<>(victims.takeAll());
        taken = List.copyOf(order);
        Collections.shuffle(order, new Random(random.nextLong()));
        int behind = order.get(0);
        int powerless = order.get(1);
        int last = order.get(2);
        pause(behind);
        Pause.of(WRITES);
        off.add(powerless);
        if (testbed.canLosePower()) {
            testbed.powerOff(off);
        } else {
            testbed.broker(powerless).kill();
        }
        pause(last);
        resume(behind);
        startOff();
        return "broker " + behind + " paused for " + WRITES.toSeconds() + " s, " + powerless
                + (testbed.canLosePower() ? " lost power, " : " killed, ") + last + " paused; " + behind + " and "
                + powerless
                + " are back";
    }

    private void pause(int node) {
        testbed.broker(node).pause();
        paused.add(node);
    }

    private void resume(int node) {
        testbed.broker(node).resume();
        paused.remove(Integer.valueOf(node));
    }

    private void startOff() {
        if (testbed.canLosePower()) {
            testbed.powerOn(off);
        } else {
            off.forEach(node -> testbed.broker(node).start());
        }
        off.clear();
    }

    @Override
    public void heal() {
        startOff();
        List.copyOf(paused).forEach(this::resume);
        taken.forEach(victims::release);
    }
}
