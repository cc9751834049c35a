package io.gq.chaos;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * After all brokers were gone at once: in three of four cases what comes next waits until the cluster is whole. Without, a cluster that is
 * struck again while it starts acknowledges nothing for the whole run, and nothing acknowledged can be lost; with it always, nobody would
 * know what a blow in the middle of a start does.
 */
final class Comeback {

    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int OF = 4;

    private final Recovery recovery;
    private boolean wanted;

    Comeback(Testbed testbed) {
        recovery = new Recovery(testbed);
    }

    /** Once, when the brokers are gone. */
    void draw(RandomGenerator random) {
        wanted = random.nextInt(OF) > 0;
    }

    /** When the brokers were started; returns at once where it was not drawn. Whether the cluster came back is judged at the end of the run. */
    void await() {
        if (wanted) {
            boolean unused = recovery.awaitWhole(LONGEST);
        }
    }
}
