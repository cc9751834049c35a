package io.gq.chaos;

import io.gq.it.cluster.BrokerProcess;
import java.time.Duration;
import java.util.List;

/** Waits for brokers to be whole again. */
final class Recovery {

    private final Testbed testbed;

    Recovery(Testbed testbed) {
        this.testbed = testbed;
    }

    /** Every broker runs, knows a leader for all it hosts, and has nothing left to rebuild. */
    boolean awaitWhole(Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (!whole()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Pause.of(Duration.ofMillis(200));
        }
        return true;
    }

    private boolean whole() {
        return testbed.cluster().brokers().stream().allMatch(broker -> broker.alive() && broker.ready());
    }

    /** Brokers that ended by themselves run again. Returns whom it started. */
    List<Integer> startDead() {
        List<BrokerProcess> dead = testbed.cluster().brokers().stream()
                .filter(broker -> !broker.alive())
                .toList();
        dead.forEach(BrokerProcess::start);
        return dead.stream().map(BrokerProcess::node).toList();
    }
}
