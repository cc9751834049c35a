package io.gq.chaos;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One broker is cut off from the others and joined to them again, in turns, by a thread of its own until it is healed. */
final class FlappingFault implements Fault {

    private static final int TURN_MIN_MS = 500;
    private static final int TURN_MAX_MS = 2_000;

    private final Testbed testbed;
    private final Victims victims;
    private @Nullable Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);

    FlappingFault(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    @Override
    public String inject(RandomGenerator random) {
        int node = victims.any(random);
        Random turns = new Random(random.nextLong());
        Thread started = new Thread(() -> flap(node, turns), "flapping");
        started.setDaemon(true);
        started.start();
        thread = started;
        return "broker " + node;
    }

    private void flap(int node, Random turns) {
        while (stopping.getCount() > 0) {
            for (int other : victims.others(node)) {
                testbed.network().cutBothWays(node, other);
            }
            turn(turns);
            for (int other : victims.others(node)) {
                testbed.network().joinBothWays(node, other);
            }
            turn(turns);
        }
    }

    private void turn(Random turns) {
        try {
            boolean unused =
                    stopping.await(TURN_MIN_MS + turns.nextInt(TURN_MAX_MS - TURN_MIN_MS + 1), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            stopping.countDown(); // what was cut is joined all the same
        }
    }

    @Override
    public void heal() {
        stopping.countDown(); // not by an interrupt, which would break a command off
        Thread running = thread;
        if (running == null) {
            return;
        }
        try {
            running.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
